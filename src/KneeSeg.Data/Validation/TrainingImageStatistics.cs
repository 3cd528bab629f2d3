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

    /// <summary>The range of an image's extent over the training images, once preprocessed.</summary>
    /// <param name="Min">The smallest, axis by axis, in mm.</param>
    /// <param name="Max">The largest.</param>
    public sealed record ExtentRange(ModelSpacing Min, ModelSpacing Max);

    /// <summary>Their extents; null in runs of older versions.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ExtentRange? Extents { get; init; }

    private const double MostSpacingRatio = 2;

    // An extent so much shorter than the shortest cuts off structures; one so much longer shows other ones.
    private const double MostExtentRatio = 1.25;

    // How far a percentile may lie outside the training range: another field of view moves it by less, an inverted image by
    // more. The upper tail varies most.
    private static readonly double[] Tolerances = [0.75, 0.75, 0.75, 0.75, 1.25];

    /// <summary>Computes the statistics of the training cases.</summary>
    /// <param name="spacing">The median spacing of the image files.</param>
    /// <param name="cases">Preprocessed cases.</param>
    public static TrainingImageStatistics Of(
        ModelSpacing spacing,
        IReadOnlyList<PreprocessedCase> cases
    )
    {
        return new(spacing, [.. Enumerable.Range(0, cases[0].Channels).SelectMany(Ranges)])
        {
            Extents = ExtentsOf([.. cases.Select(one => Extent(one.Grid))]),
        };

        IEnumerable<IntensityRange> Ranges(int channel) =>
            IntensitySummary.Compared.Select(
                (percentile, i) =>
                    new IntensityRange(
                        percentile,
                        cases.Min(one => one.Intensities[channel].Percentiles[i]),
                        cases.Max(one => one.Intensities[channel].Percentiles[i])
                    )
                    {
                        Channel = channel,
                    }
            );
    }

    /// <summary>Warnings about a spacing unlike the training images'.</summary>
    public IEnumerable<QualityFlag> Warnings(Grid image)
    {
        var spacing = Spacings.Of(image);
        if (Spacings.Ratio(spacing, Spacing) > MostSpacingRatio)
            yield return new(
                "spacing",
                FlagSeverity.Warning,
                $"its spacing {Spacings.Text(spacing)} (depth×height×width) differs by more than a factor of 2 from the training images' {Spacings.Text(Spacing)}",
                "Check the header and the slice orientation; the segmentation may be poor"
            );
    }

    /// <summary>Warnings about a field of view and intensities unlike the training images'.</summary>
    /// <param name="image">The preprocessed image.</param>
    /// <param name="channels">The names of its channels; null or empty for one without a name.</param>
    public IEnumerable<QualityFlag> Warnings(
        PreprocessedImage image,
        IReadOnlyList<string>? channels = null
    ) =>
        FieldOfView(Extent(image.Volume.Grid))
            .Concat(
                Intensities
                    .GroupBy(known => known.Channel)
                    .SelectMany(known =>
                        Warnings(
                            image.Channel(known.Key).Span,
                            known,
                            channels is { Count: > 1 } ? $" of {channels[known.Key]}" : ""
                        )
                    )
            );

    private static IEnumerable<QualityFlag> Warnings(
        ReadOnlySpan<float> voxels,
        IEnumerable<IntensityRange> training,
        string of
    )
    {
        var seen = IntensitySummary.Of(voxels).Percentiles;
        foreach (var known in training)
        {
            var i = IntensitySummary.Compared.ToList().IndexOf(known.Percentile);
            if (
                i >= 0
                && (seen[i] < known.Min - Tolerances[i] || seen[i] > known.Max + Tolerances[i])
            )
            {
                return
                [
                    new(
                        "intensity",
                        FlagSeverity.Severe,
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

    private IEnumerable<QualityFlag> FieldOfView(ModelSpacing seen)
    {
        if (Extents is not { } known)
            return [];
        (string Axis, double Seen, double Min, double Max)[] axes =
        [
            ("from left to right", seen.Depth, known.Min.Depth, known.Max.Depth),
            ("from top to bottom", seen.Height, known.Min.Height, known.Max.Height),
            ("from front to back", seen.Width, known.Min.Width, known.Max.Width),
        ];
        return from one in axes
            where one.Seen < one.Min / MostExtentRatio || one.Seen > one.Max * MostExtentRatio
            select new QualityFlag(
                "field-of-view",
                FlagSeverity.Warning,
                Invariant(
                    $"its field of view is {one.Seen:0} mm {one.Axis}, in training {one.Min:0} to {one.Max:0} mm"
                ),
                "Check that the whole joint is in the image, and nothing else"
            );
    }

    private static ExtentRange ExtentsOf(ModelSpacing[] all) =>
        new(
            new(all.Min(one => one.Depth), all.Min(one => one.Height), all.Min(one => one.Width)),
            new(all.Max(one => one.Depth), all.Max(one => one.Height), all.Max(one => one.Width))
        );

    private static ModelSpacing Extent(Grid grid) =>
        new(
            grid.Size.Z * grid.Spacing.Z,
            grid.Size.Y * grid.Spacing.Y,
            grid.Size.X * grid.Spacing.X
        );
}
