using TorchSharp;
using static TorchSharp.torch;

namespace KneeSeg.Torch;

/// <summary>
/// Says for a while, on this thread, what networks compute in; float32 otherwise. A network converts its input and
/// weights itself and gives float32 logits, so losses and everything outside are not touched.
/// </summary>
/// <remarks>
/// Libtorch's own autocast is not used: on the processor it sends pooling back to float32, which leaves the fast path
/// after each level.
/// </remarks>
public static class Autocast
{
    [ThreadStatic]
    private static Precision? current;

    /// <summary>Computes in this precision until the result is disposed, on the same thread.</summary>
    public static IDisposable Enter(Precision precision)
    {
        var before = current;
        current = precision;
        return new Restoring(before);
    }

    /// <summary>What a precision means on a device: never <see cref="Precision.Auto"/>.</summary>
    public static Precision Resolve(Precision precision, Device device) =>
        precision is not Precision.Auto ? precision
        : device.type != DeviceType.CPU || Processor.HasBfloat16 ? Precision.Bf16
        : Precision.Fp32;

    /// <summary>Bytes of a number in a map of this precision on a device.</summary>
    public static int Width(Precision precision, Device device) =>
        Resolve(precision, device) == Precision.Bf16 ? 2 : 4;

    /// <summary>The type of maps on a device, as this thread has it now.</summary>
    internal static ScalarType TypeOn(Device device) =>
        Resolve(current ?? Precision.Fp32, device) == Precision.Bf16
            ? ScalarType.BFloat16
            : ScalarType.Float32;

    private sealed class Restoring(Precision? before) : IDisposable
    {
        public void Dispose() => current = before;
    }
}
