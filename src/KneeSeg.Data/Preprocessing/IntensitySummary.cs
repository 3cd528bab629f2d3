using System.Numerics.Tensors;

namespace KneeSeg.Data.Preprocessing;

/// <summary>What is kept of a channel's intensities, so that its voxels need not be read again.</summary>
/// <param name="Min">The minimum.</param>
/// <param name="Percentiles">By <see cref="Compared"/>, of a sample of the voxels.</param>
public sealed record IntensitySummary(float Min, IReadOnlyList<double> Percentiles)
{
    // Enough to estimate a percentile to a hundredth of a standard deviation.
    private const int Samples = 1 << 16;

    /// <summary>The percentiles by which images are compared, 0 to 100.</summary>
    public static IReadOnlyList<double> Compared { get; } = [1, 25, 50, 75, 99];

    /// <summary>Of a preprocessed channel.</summary>
    public static IntensitySummary Of(ReadOnlySpan<float> voxels)
    {
        // An odd stride, so that samples do not repeat the same columns.
        var stride = Math.Max(1, voxels.Length / Samples) | 1;
        var sample = new float[(voxels.Length + stride - 1) / stride];
        for (var i = 0; i < sample.Length; i++)
            sample[i] = voxels[i * stride];
        Array.Sort(sample);
        return new(
            TensorPrimitives.Min(voxels),
            [
                .. Compared.Select(percentile =>
                    (double)sample[(int)Math.Round(percentile / 100 * (sample.Length - 1))]
                ),
            ]
        );
    }
}
