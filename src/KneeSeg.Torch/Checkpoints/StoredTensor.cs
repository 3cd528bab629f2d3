using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Checkpoints;

/// <summary>A serialized tensor: its type, shape and little-endian bytes in row-major order.</summary>
/// <param name="Type">The element type.</param>
/// <param name="Shape">Its size on each axis; empty for a scalar.</param>
/// <param name="Data">Its bytes, as many as type and shape require.</param>
public sealed record StoredTensor(TensorType Type, long[] Shape, byte[] Data)
{
    /// <summary>Type and shape, such as <c>F32[16, 1, 3, 3, 3]</c>.</summary>
    public string Form => $"{Type}[{string.Join(", ", Shape)}]";
}

/// <summary>The element types of tensors in checkpoints.</summary>
public enum TensorType
{
    /// <summary>32-bit floats.</summary>
    F32,

    /// <summary>64-bit floats.</summary>
    F64,

    /// <summary>bfloat16.</summary>
    BF16,

    /// <summary>64-bit integers.</summary>
    I64,

    /// <summary>Bytes.</summary>
    U8,
}

/// <summary>Sizes of element types.</summary>
internal static class TensorTypes
{
    public static int Bytes(this TensorType type) =>
        type switch
        {
            TensorType.F32 => 4,
            TensorType.F64 or TensorType.I64 => 8,
            TensorType.BF16 => 2,
            _ => 1,
        };
}

/// <summary>Converts tensors to stored bytes and back.</summary>
public static class TensorBytes
{
    /// <summary>A copy of a tensor's values, in row-major order whatever its memory format.</summary>
    public static StoredTensor Store(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var plain = tensor.detach().cpu().contiguous();
        return plain.dtype switch
        {
            ScalarType.Float32 => Stored<float>(TensorType.F32, plain),
            ScalarType.Float64 => Stored<double>(TensorType.F64, plain),
            ScalarType.Int64 => Stored<long>(TensorType.I64, plain),
            ScalarType.Byte => Stored<byte>(TensorType.U8, plain),
            var type => throw new ArgumentException(
                $"{type} tensors can't be stored in a checkpoint",
                nameof(tensor)
            ),
        };
    }

    /// <summary>A new tensor with the stored values.</summary>
    public static Tensor Restore(StoredTensor stored) =>
        stored.Type switch
        {
            TensorType.F32 => Restored<float>(stored),
            TensorType.F64 => Restored<double>(stored),
            TensorType.I64 => Restored<long>(stored),
            TensorType.U8 => Restored<byte>(stored),
            var type => throw new ArgumentException(
                $"{type} tensors can't be loaded",
                nameof(stored)
            ),
        };

    private static StoredTensor Stored<T>(TensorType type, Tensor tensor)
        where T : unmanaged =>
        new(type, tensor.shape, MemoryMarshal.AsBytes<T>(tensor.data<T>().ToArray()).ToArray());

    private static Tensor Restored<T>(StoredTensor stored)
        where T : unmanaged =>
        from_array(MemoryMarshal.Cast<byte, T>(stored.Data).ToArray()).reshape(stored.Shape);
}
