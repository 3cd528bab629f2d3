using static System.Math;

namespace KneeSeg.Torch.Probes;

/// <summary>
/// The formulas that fill a probed network, each a function of an element's indices alone, so that another
/// implementation can fill its own the same whatever the order and layout of its weights.
/// </summary>
internal static class ProbeFormula
{
    /// <summary>The image: sin(0.1·p + 0.05·q + 0.07·r + channel), p, q, r along the spatial axes.</summary>
    public static double Image(ReadOnlySpan<int> at) =>
        Sin(0.1 * Along(at, 2) + 0.05 * Along(at, 3) + 0.07 * Along(at, 4) + at[1]);

    /// <summary>The position vector.</summary>
    public static float[] Position => [0.5f, 0, -0.5f];

    /// <summary>A kernel's or matrix's element, with a, b, c along the kernel's axes.</summary>
    /// <param name="gain">Scales all of them.</param>
    /// <param name="fanIn">The fan-in of each output.</param>
    /// <param name="output">Its output channel.</param>
    /// <param name="input">Its input channel.</param>
    /// <param name="at">Its indices in the tensor, of which those from the third count.</param>
    public static double Kernel(
        double gain,
        double fanIn,
        int output,
        int input,
        ReadOnlySpan<int> at
    ) =>
        gain
        / fanIn
        * (
            1
            + 0.5 * Cosine(input + 2 * output)
            + 0.1 * (Along(at, 2) - Along(at, 3) + 0.5 * Along(at, 4))
        );

    /// <summary>A bias of a convolution or dense layer.</summary>
    public static double Bias(int output) => 0.01 * (output % 3);

    /// <summary>A normalization's gamma.</summary>
    public static double Scale(int channel) => 1 + 0.1 * Sin(channel);

    /// <summary>A normalization's beta.</summary>
    public static double Shift(int channel) => 0.05 * Cos(channel);

    // Cached: every tap of a kernel needs the same value.
    private static readonly double[] Cosines =
    [
        .. Enumerable.Range(0, 1 << 14).Select(n => Cos(n)),
    ];

    private static double Cosine(int n) => n < Cosines.Length ? Cosines[n] : Cos(n);

    private static int Along(ReadOnlySpan<int> at, int axis) => axis < at.Length ? at[axis] : 0;
}
