namespace KneeSeg.Onnx;

/// <summary>How a model stores its weights. It computes in float32 in any case.</summary>
public enum WeightType
{
    /// <summary>As they are.</summary>
    Float32,

    /// <summary>Rounded to 11 bits of precision, in half of the space.</summary>
    Float16,

    /// <summary>Rounded to 8 bits of precision, with the range of float32.</summary>
    BFloat16,
}
