namespace KneeSeg.Torch.Checkpoints;

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
