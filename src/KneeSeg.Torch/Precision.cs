namespace KneeSeg.Torch;

/// <summary>The precision of feature maps. Weights, statistics and weight gradients stay float32.</summary>
public enum Precision
{
    /// <summary>bfloat16 where the device computes faster with it, else float32.</summary>
    Auto,

    /// <summary>float32.</summary>
    Fp32,

    /// <summary>bfloat16: float32's range with 8 bits of precision, half the memory.</summary>
    Bf16,
}
