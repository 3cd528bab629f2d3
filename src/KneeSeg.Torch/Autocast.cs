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

    /// <summary>The type of maps on a device, as this thread has it now.</summary>
    internal static ScalarType TypeOn(Device device) =>
        (current ?? Precision.Fp32) switch
        {
            Precision.Bf16 => ScalarType.BFloat16,
            Precision.Auto when device.type != DeviceType.CPU || Processor.HasBfloat16 =>
                ScalarType.BFloat16,
            _ => ScalarType.Float32,
        };

    private sealed class Restoring(Precision? before) : IDisposable
    {
        public void Dispose() => current = before;
    }
}
