namespace KneeSeg.Weights;

/// <summary>The element types of tensors in files, by their names in the safetensors format.</summary>
public enum TensorType
{
    /// <summary>32-bit floats.</summary>
    F32,

    /// <summary>64-bit floats.</summary>
    F64,

    /// <summary>16-bit floats.</summary>
    F16,

    /// <summary>bfloat16.</summary>
    BF16,

    /// <summary>64-bit integers.</summary>
    I64,

    /// <summary>32-bit integers.</summary>
    I32,

    /// <summary>16-bit integers.</summary>
    I16,

    /// <summary>8-bit integers.</summary>
    I8,

    /// <summary>64-bit integers without sign.</summary>
    U64,

    /// <summary>32-bit integers without sign.</summary>
    U32,

    /// <summary>16-bit integers without sign.</summary>
    U16,

    /// <summary>Bytes.</summary>
    U8,

    /// <summary>Truth values, a byte each.</summary>
    BOOL,

    /// <summary>8-bit floats with 5 bits of exponent.</summary>
    F8_E5M2,

    /// <summary>8-bit floats with 4 bits of exponent.</summary>
    F8_E4M3,
}

/// <summary>Sizes of element types.</summary>
internal static class TensorTypes
{
    public static int Bytes(this TensorType type) =>
        type switch
        {
            TensorType.F64 or TensorType.I64 or TensorType.U64 => 8,
            TensorType.F32 or TensorType.I32 or TensorType.U32 => 4,
            TensorType.F16 or TensorType.BF16 or TensorType.I16 or TensorType.U16 => 2,
            _ => 1,
        };
}
