using System.Text.Json.Serialization;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Imaging;
using static System.FormattableString;

namespace KneeSeg.Data.Validation;

/// <summary>
/// Statistics of the images that a network was trained on, stored with its run, so that prediction can warn about images
/// unlike them.
/// </summary>
/// <param name="Spacing">Of their voxels in mm before any resampling: the median, axis by axis.</param>
/// <param name="Intensities">Of the preprocessed images, in standard deviations from the mean; may be empty.</param>
public sealed record TrainingImageStatistics(
    ModelSpacing Spacing,
    IReadOnlyList<TrainingImageStatistics.IntensityRange> Intensities
)
{
    /// <summary>The range of a percentile over all training images.</summary>
    /// <param name="Percentile">Which one, 0 to 100.</param>
    /// <param name="Min">The lowest value over the images.</param>
    /// <param name="Max">The highest value over the images.</param>
    public sealed record IntensityRange(double Percentile, double Min, double Max)
    {
        /// <summary>The channel, counted from 0; 0 is not stored.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public int Channel { get; init; }
    }

    private const double MostSpacingRatio = 2;

    // How far a percentile may lie outside the training range: another field of view moves it by less, an inverted image by
    // more. The upper tail varies most.
    private static readonly (double Percentile, double Tolerance)[] Compared =
    [
        (1, 0.75),
        (25, 0.75),
        (50, 0.75),
        (75, 0.75),
        (99, 1.25),
    ];

    // Enough to estimate a percentile to a hundredth of a standard deviation.
    private const int Samples = 1 << 16;

    /// <summary>Computes the statistics of the training cases.</summary>
    /// <param name="spacing">The median spacing of the image files.</param>
    /// <param name="cases">Preprocessed cases.</param>
    public static TrainingImageStatistics Of(
        ModelSpacing spacing,
        IReadOnlyList<PreprocessedCase> cases
    )
    {
        return new(spacing, [.. Enumerable.Range(0, cases[0].Channels).SelectMany(Ranges)]);

        IEnumerable<IntensityRange> Ranges(int channel)
        {
            var percentiles = cases.Select(one => Percentiles(one.Channel(channel).Span)).ToArray();
            return Compared.Select(
                (compared, i) =>
                    new IntensityRange(
                        compared.Percentile,
                        percentiles.Min(one => one[i]),
                        percentiles.Max(one => one[i])
                    )
                    {
                        Channel = channel,
                    }
            );
        }
    }

    /// <summary>Warnings about a spacing unlike the training images'.</summary>
    public IEnumerable<DataWarning> Warnings(Grid image)
    {
        var spacing = Spacings.Of(image);
        if (Spacings.Ratio(spacing, Spacing) > MostSpacingRatio)
            yield return new(
                $"its spacing {Spacings.Text(spacing)} (depth×height×width) differs by more than a factor of 2 from the training images' {Spacings.Text(Spacing)}",
                "Check the header and the slice orientation; the segmentation may be poor"
            );
    }

    /// <summary>Warnings about intensities unlike the training images'.</summary>
    /// <param name="image">The preprocessed image.</param>
    /// <param name="channels">The names of its channels; null or empty for one without a name.</param>
    public IEnumerable<DataWarning> Warnings(
        PreprocessedImage image,
        IReadOnlyList<string>? channels = null
    ) =>
        Intensities
            .GroupBy(known => known.Channel)
            .SelectMany(known =>
                Warnings(
                    image.Channel(known.Key).Span,
                    known,
                    channels is { Count: > 1 } ? $" of {channels[known.Key]}" : ""
                )
            );

    private static IEnumerable<DataWarning> Warnings(
        ReadOnlySpan<float> voxels,
        IEnumerable<IntensityRange> training,
        string of
    )
    {
        var seen = Percentiles(voxels);
        foreach (var known in training)
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
                return
                [
                    new(
                        Invariant(
                            $"its intensities{of} are unlike those of the training images: percentile {known.Percentile} is {seen[i]:0.0} standard deviations from the mean, in training {known.Min:0.0} to {known.Max:0.0}"
                        ),
                        "Check that it is the same kind of scan; the segmentation may be poor"
                    ),
                ];
            }
        }
        return [];
    }

    private static double[] Percentiles(ReadOnlySpan<float> voxels)
    {
        // An odd stride, so that samples do not repeat the same columns.
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
