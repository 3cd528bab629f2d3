using KneeSeg.Imaging;
using static System.FormattableString;

namespace KneeSeg.Data;

/// <summary>
/// What the images that a network was trained on are like, kept with its run, so that an image of another kind is
/// noticed before its labels are believed.
/// </summary>
/// <param name="Spacing">Of their voxels in mm before any resampling: the median, axis by axis.</param>
/// <param name="Intensities">Of the prepared images, in deviations about the mean; may be empty.</param>
public sealed record TrainingImageStatistics(
    ModelSpacing Spacing,
    IReadOnlyList<TrainingImageStatistics.IntensityRange> Intensities
)
{
    /// <summary>Between what values a percentile lies in all training images.</summary>
    /// <param name="Percentile">Which one, 0 to 100.</param>
    /// <param name="Min">In the image where it is lowest.</param>
    /// <param name="Max">In the image where it is highest.</param>
    public sealed record IntensityRange(double Percentile, double Min, double Max);

    private const double MostSpacingRatio = 2;

    // How far a percentile may lie beyond all training images: another cut of a knee moves it by less, inverting it by
    // more. The bright tail is the freest.
    private static readonly (double Percentile, double Tolerance)[] Compared =
    [
        (1, 0.75),
        (25, 0.75),
        (50, 0.75),
        (75, 0.75),
        (99, 1.25),
    ];

    // Enough to know a percentile to a hundredth of a deviation.
    private const int Samples = 1 << 16;

    /// <summary>Looks at all training cases.</summary>
    /// <param name="spacing">Of the images as they are in their files.</param>
    /// <param name="cases">As the network sees them.</param>
    public static TrainingImageStatistics Of(
        ModelSpacing spacing,
        IReadOnlyList<PreprocessedCase> cases
    )
    {
        var percentiles = cases.Select(one => Percentiles(one.Image.Span)).ToArray();
        return new(
            spacing,
            [
                .. Compared.Select(
                    (compared, i) =>
                        new IntensityRange(
                            compared.Percentile,
                            percentiles.Min(one => one[i]),
                            percentiles.Max(one => one[i])
                        )
                ),
            ]
        );
    }

    /// <summary>How an image's voxels depart from those that the network knows.</summary>
    public IEnumerable<DataWarning> Doubts(Grid image)
    {
        var spacing = Spacings.Of(image);
        if (Spacings.Ratio(spacing, Spacing) > MostSpacingRatio)
            yield return new(
                $"its spacing is {Spacings.Text(spacing)} across, down and back, and that of the training images {Spacings.Text(Spacing)}: more than a factor of 2 apart",
                "Check the header and the direction of the slices; labels may be poor"
            );
    }

    /// <summary>How an image's intensities depart from those that the network knows.</summary>
    /// <param name="image">As the network sees it.</param>
    public IEnumerable<DataWarning> Doubts(PreprocessedImage image)
    {
        var seen = Percentiles(image.Volume.Voxels);
        foreach (var known in Intensities)
        {
            var i = Array.FindIndex(Compared, one => one.Percentile == known.Percentile);
            if (
                i >= 0
                && (
                    seen[i] < known.Min - Compared[i].Tolerance
                    || seen[i] > known.Max + Compared[i].Tolerance
                )
            )
            {
                yield return new(
                    Invariant(
                        $"its intensities are unlike those of the training images: percentile {known.Percentile} is at {seen[i]:0.0} deviations from the mean, there at {known.Min:0.0} to {known.Max:0.0}"
                    ),
                    "Check that it is the same kind of scan; labels may be poor"
                );
                yield break;
            }
        }
    }

    private static double[] Percentiles(ReadOnlySpan<float> voxels)
    {
        // An odd stride, so that samples do not fall into the same columns again and again.
        var stride = Math.Max(1, voxels.Length / Samples) | 1;
        var sample = new float[(voxels.Length + stride - 1) / stride];
        for (var i = 0; i < sample.Length; i++)
            sample[i] = voxels[i * stride];
        Array.Sort(sample);
        return Array.ConvertAll(
            Compared,
            one => (double)sample[(int)Math.Round(one.Percentile / 100 * (sample.Length - 1))]
        );
    }
}
