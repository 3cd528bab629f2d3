using System.Text.Json.Serialization;
using KneeSeg.Imaging;

namespace KneeSeg.Data;

/// <summary>
/// What is done to every image before a network sees it, in training and in prediction alike: model
/// orientation, one spacing, brightness cut at two percentiles, then mean 0 and deviation 1. It travels in
/// checkpoints.
/// </summary>
/// <param name="Spacing">Of the voxels that networks see.</param>
/// <param name="LowPercentile">Darker voxels of a case take this percentile's value, 0 to 100.</param>
/// <param name="HighPercentile">Brighter voxels take this one's.</param>
[JsonConverter(typeof(PreparationJson))]
public sealed record Preparation(
    ModelSpacing Spacing,
    double LowPercentile = .5,
    double HighPercentile = 99.5
)
{
    // Spacings nearer than this are one: resampling would only blur.
    private const double SameSpacing = .01;

    /// <summary>The preparation for a dataset: its training images' median spacing, axis by axis.</summary>
    /// <param name="dataset">Whose training cases are looked at.</param>
    /// <param name="spacing">Another spacing than theirs.</param>
    /// <exception cref="ProblemException">There is no training case, or one can't be read (exit 3).</exception>
    public static Preparation Fit(Dataset dataset, ModelSpacing? spacing = null)
    {
        if (spacing is { } wanted)
            return new Preparation(wanted);
        ModelSpacing[] spacings = [.. dataset.In(Split.Train).Select(c => c.ReadSpacing())];
        return spacings is []
            ? throw new ProblemException(
                ExitCode.Data,
                dataset.Folder,
                "no case is for training",
                "Give cases the split \"train\""
            )
            : new Preparation(Spacings.Median(spacings));
    }

    /// <summary>The grid on which networks see an image.</summary>
    public Grid TargetFor(Grid image)
    {
        var turned = Orientation.ModelGrid(image);
        var (now, wanted) = (turned.Spacing, Spacing.OfModelVolume);
        return Near(now.X, wanted.X) && Near(now.Y, wanted.Y) && Near(now.Z, wanted.Z)
            ? turned
            : turned.WithSpacing(wanted);
    }

    /// <summary>Prepares an image.</summary>
    public PreparedImage Prepare(Volume<float> image)
    {
        var (finite, replaced) = Finite(image);
        var target = TargetFor(image.Grid);
        var turned = Orientation.ToModel(finite);
        var resampled =
            turned.Grid == target ? turned : Resampler.Linear(turned, target, turned.Voxels.Min());
        return new PreparedImage(new(target, Normalised(resampled.Voxels)), replaced);
    }

    /// <summary>Labels on the grid of their prepared image, each voxel the nearest one's.</summary>
    /// <param name="labels">On the image's own grid.</param>
    public Volume<byte> PrepareLabels(Volume<byte> labels)
    {
        var target = TargetFor(labels.Grid);
        var turned = Orientation.ToModel(labels);
        return turned.Grid == target ? turned : Resampler.Nearest(turned, target);
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

    private float[] Normalised(float[] voxels)
    {
        var low = OrderStatistic.Percentile(voxels, LowPercentile);
        var high = OrderStatistic.Percentile(voxels, HighPercentile);
        var (sum, squares) = (0.0, 0.0);
        foreach (var value in voxels)
        {
            // Around the low end, so that the squares of large values lose no digits.
            double above = Math.Clamp(value, low, high) - low;
            sum += above;
            squares += above * above;
        }
        var mean = sum / voxels.Length;
        var deviation = Math.Sqrt(Math.Max(0, squares / voxels.Length - mean * mean));
        // A constant image has no contrast to scale.
        var scale = deviation > 0 ? 1 / deviation : 1;
        return Array.ConvertAll(
            voxels,
            value => (float)((Math.Clamp(value, low, high) - low - mean) * scale)
        );
    }
}
