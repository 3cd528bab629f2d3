using System.Runtime.InteropServices;
using KneeSeg.Weights;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Checkpoints;

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
