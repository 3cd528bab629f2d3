using KneeSeg.Torch.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace KneeSeg.Torch;

/// <summary>
/// Sets the precision of networks on this thread; float32 by default. A network casts its input and weights itself and
/// returns float32 logits, so losses and everything outside are unaffected.
/// </summary>
/// <remarks>
/// Libtorch's own autocast is not used: on the CPU it runs pooling in float32, which leaves the fast path after each level.
/// </remarks>
public static class Autocast
{
    [ThreadStatic]
    private static Precision? current;

    /// <summary>Uses this precision on this thread until the result is disposed.</summary>
    public static IDisposable Enter(Precision precision)
    {
        var before = current;
        current = precision;
        return new Restoring(before);
    }

    /// <summary>The effective precision on a device: never <see cref="Precision.Auto"/>.</summary>
    public static Precision Resolve(Precision precision, Device device) =>
        precision is not Precision.Auto ? precision
        : device.type != DeviceType.CPU || Processor.HasBfloat16 ? Precision.Bf16
        : Precision.Fp32;

    /// <summary>Bytes per feature map element at this precision on a device.</summary>
    public static int Width(Precision precision, Device device) =>
        Resolve(precision, device) == Precision.Bf16 ? 2 : 4;

    /// <summary>The type of feature maps on a device at this thread's current precision.</summary>
    internal static ScalarType TypeOn(Device device) =>
        Resolve(current ?? Precision.Fp32, device) == Precision.Bf16
            ? ScalarType.BFloat16
            : ScalarType.Float32;

    private sealed class Restoring(Precision? before) : IDisposable
    {
        public void Dispose() => current = before;
    }
}

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
