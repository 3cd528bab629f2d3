using System.Text.Json.Serialization;
using KneeSeg.Imaging;

namespace KneeSeg.Data;

/// <summary>
/// What is done to every image before a network sees it, in training and in prediction alike: model
/// orientation, one spacing, perhaps the middle alone, and one scale of brightness. It travels in checkpoints.
/// </summary>
/// <param name="Spacing">Of the voxels that networks see.</param>
/// <param name="LowPercentile">Darker voxels of a case take this percentile's value, 0 to 100.</param>
/// <param name="HighPercentile">Brighter voxels take this one's.</param>
/// <param name="Intensity">How brightness is brought to one scale.</param>
/// <param name="Interpolation">How images are resampled.</param>
/// <param name="Crop">
/// The middle of an image that is kept, mm across, down and back; null keeps all. What is cut off is predicted as
/// background.
/// </param>
/// <param name="Labels">How labels are resampled.</param>
/// <param name="Overlaps">What is done where channels of one label file overlap.</param>
[JsonConverter(typeof(PreprocessorJson))]
public sealed record Preprocessor(
    ModelSpacing Spacing,
    double LowPercentile = .5,
    double HighPercentile = 99.5,
    NormalizationMethod Intensity = NormalizationMethod.Percentiles,
    Interpolation Interpolation = Interpolation.Linear,
    ModelSpacing? Crop = null,
    LabelInterpolation Labels = LabelInterpolation.Nearest,
    OverlapRule Overlaps = OverlapRule.Lowest
)
{
    // Spacings nearer than this are one: resampling would only blur.
    private const double SameSpacing = .01;

    /// <summary>The spacing for a dataset: its training images' median, axis by axis.</summary>
    /// <exception cref="ProblemException">There is no training case, or one can't be read (exit 3).</exception>
    public static ModelSpacing SpacingFor(Dataset dataset)
    {
        ModelSpacing[] spacings = [.. dataset.In(Split.Train).Select(c => c.ReadSpacing())];
        return spacings is []
            ? throw new ProblemException(
                ExitCode.Data,
                dataset.Folder,
                "no case is for training",
                "Give cases the split \"train\""
            )
            : Spacings.Median(spacings);
    }

    /// <summary>The grid on which networks see an image.</summary>
    public Grid TargetFor(Grid image)
    {
        var turned = Orientation.ModelGrid(image);
        var (now, wanted) = (turned.Spacing, Spacing.OfModelVolume);
        var whole =
            Near(now.X, wanted.X) && Near(now.Y, wanted.Y) && Near(now.Z, wanted.Z)
                ? turned
                : turned.WithSpacing(wanted);
        return Crop is { } extent ? whole.Middle(extent.OfModelVolume) : whole;
    }

    /// <summary>Prepares an image.</summary>
    public PreprocessedImage Apply(Volume<float> image)
    {
        var (finite, replaced) = Finite(image);
        var target = TargetFor(image.Grid);
        var turned = Orientation.ToModel(finite);
        var resampled =
            turned.Grid == target ? turned
            : Interpolation == Interpolation.Cubic
                ? Resampler.Cubic(turned, target, turned.Voxels.Min())
            : Resampler.Linear(turned, target, turned.Voxels.Min());
        return new PreprocessedImage(
            new(target, IntensityNormalization.Apply(resampled.Voxels, this)),
            replaced
        );
    }

    /// <summary>Labels on the grid of their prepared image.</summary>
    /// <param name="labels">On the image's own grid.</param>
    public Volume<byte> ApplyToLabels(Volume<byte> labels)
    {
        var target = TargetFor(labels.Grid);
        var turned = Orientation.ToModel(labels);
        return turned.Grid == target ? turned
            : Labels == LabelInterpolation.Linear ? Resampler.OneHotLinear(turned, target)
            : Resampler.Nearest(turned, target);
    }

    private static bool Near(double a, double b) => Math.Abs(a - b) <= SameSpacing * b;

    private static (Volume<float> Volume, long Replaced) Finite(Volume<float> image)
    {
        var (darkest, finite) = (float.PositiveInfinity, 0L);
        foreach (var value in image.Voxels)
            if (float.IsFinite(value))
                (darkest, finite) = (Math.Min(darkest, value), finite + 1);
        if (finite == image.Voxels.Length)
            return (image, 0);
        var fill = finite == 0 ? 0 : darkest;
        return (
            image with
            {
                Voxels = Array.ConvertAll(image.Voxels, v => float.IsFinite(v) ? v : fill),
            },
            image.Voxels.Length - finite
        );
    }
}
