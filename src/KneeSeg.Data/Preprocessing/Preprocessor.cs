using System.Text.Json.Serialization;
using KneeSeg.Data.Datasets;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Formats;
using KneeSeg.Imaging.Resampling;

namespace KneeSeg.Data.Preprocessing;

/// <summary>
/// Image preprocessing, the same for training and prediction: model orientation, resampling to one spacing, an optional
/// center crop, and intensity normalization. Stored in checkpoints.
/// </summary>
/// <param name="Spacing">The target spacing.</param>
/// <param name="LowPercentile">The lower clipping percentile, 0 to 100.</param>
/// <param name="HighPercentile">The upper clipping percentile.</param>
/// <param name="Intensity">The intensity normalization.</param>
/// <param name="Interpolation">How images are resampled.</param>
/// <param name="Crop">
/// The size of the center crop, depth, height and width in mm; null crops nothing. Voxels outside are predicted as
/// background.
/// </param>
/// <param name="Labels">How labels are resampled.</param>
/// <param name="Overlaps">How overlapping channels of one label file are resolved.</param>
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
    /// <summary>The normalization of each channel, in their order; null where all have <see cref="Intensity"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ChannelNormalization? ByChannel { get; init; }

    /// <summary>nnU-Net's steps in place of all but the spacing; null where the others hold.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public NnunetPreprocessing? Nnunet { get; init; }

    // Relative difference of spacings below which resampling would only blur.
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
                "there are no training cases",
                "Give cases the split \"train\""
            )
            : Spacings.Median(spacings);
    }

    /// <summary>The grid of a preprocessed image, where nothing but <see cref="Crop"/> is cropped.</summary>
    public Grid TargetFor(Grid image)
    {
        if (Nnunet is { } steps)
            return steps.TargetFor(image, Spacing);
        var turned = Orientation.ModelGrid(image);
        var (now, target) = (turned.Spacing, Spacing.OfModelVolume);
        var whole =
            Near(now.X, target.X) && Near(now.Y, target.Y) && Near(now.Z, target.Z)
                ? turned
                : turned.WithSpacing(target);
        return Crop is { } extent ? whole.CenterCrop(extent.OfModelVolume) : whole;
    }

    /// <summary>
    /// The axis of a preprocessed image, from 0 for the width, along which predictions go back to the image by the nearest slice;
    /// null where all are interpolated.
    /// </summary>
    public int? NearestAxis(Grid image) => Nnunet?.NearestAxis(image, Spacing);

    /// <summary>Preprocesses an image of one channel.</summary>
    public PreprocessedImage Apply(Volume<float> image) => ApplyToChannels([image]);

    /// <summary>Preprocesses the channels of an image. They are placed on the first one's grid in world space.</summary>
    public PreprocessedImage ApplyToChannels(IReadOnlyList<Volume<float>> channels)
    {
        if (Nnunet is { } steps)
            return ByNnunet(steps, channels);
        var target = TargetFor(channels[0].Grid);
        PreprocessedImage[] each =
        [
            .. channels.Select((image, i) => Apply(image, target, ByChannel?.Each[i] ?? Intensity)),
        ];
        return each is [var only]
            ? only
            : new(new(target, Planar(each)), each.Sum(one => one.NonFiniteCount));
    }

    private PreprocessedImage ByNnunet(
        NnunetPreprocessing steps,
        IReadOnlyList<Volume<float>> channels
    )
    {
        var grid = channels[0].Grid;
        (Volume<float> Volume, long NonFinite)[] finite = [.. channels.Select(Finite)];
        var volume = steps.Apply(
            [
                .. finite.Select(one =>
                    one.Volume.Grid.SameAs(grid)
                        ? one.Volume
                        : Resampler.Linear(one.Volume, grid, one.Volume.Voxels.Min())
                ),
            ],
            Spacing
        );
        return new(volume, finite.Sum(one => one.NonFinite));
    }

    private static float[] Planar(PreprocessedImage[] channels)
    {
        var count = channels[0].Volume.Voxels.Length;
        var all = GC.AllocateUninitializedArray<float>(checked(count * channels.Length));
        foreach (var (i, one) in channels.Index())
            one.Volume.Voxels.CopyTo(all, i * count);
        return all;
    }

    private PreprocessedImage Apply(Volume<float> image, Grid target, NormalizationMethod intensity)
    {
        var (finite, nonFinite) = Finite(image);
        var preprocessed =
            Orientation.ModelGrid(image.Grid) == target ? Orientation.ToModel(finite)
            : Interpolation == Interpolation.Cubic
                ? Resampler.Cubic(Orientation.ToModel(finite), target, finite.Voxels.Min())
            : Linear(finite, target);
        IntensityNormalization.Apply(preprocessed.Voxels, intensity, LowPercentile, HighPercentile);
        return new PreprocessedImage(preprocessed, nonFinite);
    }

    /// <summary>Resamples labels to the grid of their preprocessed image.</summary>
    /// <param name="labels">On the image's own grid.</param>
    public Volume<byte> ApplyToLabels(Volume<byte> labels)
    {
        var target = TargetFor(labels.Grid);
        var turned = Orientation.ToModel(labels);
        return turned.Grid == target ? turned
            : Labels == LabelInterpolation.Linear ? Resampler.OneHotLinear(turned, target)
            : Resampler.Nearest(turned, target);
    }

    private static Volume<float> Linear(Volume<float> image, Grid target)
    {
        using var turned = new NativeBuffer<float>(image.Voxels.Length);
        var grid = Orientation.ToModel(image, turned.Memory);
        return Resampler.Linear(grid, turned.Memory, target, image.Voxels.Min());
    }

    private static bool Near(double a, double b) => Math.Abs(a - b) <= SameSpacing * b;

    private static (Volume<float> Volume, long NonFinite) Finite(Volume<float> image)
    {
        var (lowest, finite) = (float.PositiveInfinity, 0L);
        foreach (var value in image.Voxels)
            if (float.IsFinite(value))
                (lowest, finite) = (Math.Min(lowest, value), finite + 1);
        if (finite == image.Voxels.Length)
            return (image, 0);
        var fill = finite == 0 ? 0 : lowest;
        return (
            image with
            {
                Voxels = Array.ConvertAll(image.Voxels, v => float.IsFinite(v) ? v : fill),
            },
            image.Voxels.Length - finite
        );
    }
}

/// <summary>How images are resampled.</summary>
public enum Interpolation
{
    /// <summary>Trilinear.</summary>
    Linear,

    /// <summary>By cubic B-splines: sharper, and slower.</summary>
    Cubic,
}

/// <summary>How labels are resampled; neither creates new values.</summary>
public enum LabelInterpolation
{
    /// <summary>Nearest neighbor.</summary>
    Nearest,

    /// <summary>One-hot trilinear with argmax: smoother borders, but thin structures may shrink.</summary>
    Linear,
}

/// <summary>A preprocessed image, the input of networks.</summary>
/// <param name="Volume">
/// Model orientation and spacing, mean 0 and deviation 1; array [D, H, W], or [C, D, H, W] with several channels.
/// </param>
/// <param name="NonFiniteCount">The number of non-finite voxels, which were replaced by the minimum intensity.</param>
public sealed record PreprocessedImage(Volume<float> Volume, long NonFiniteCount)
{
    /// <summary>The size of a channel.</summary>
    public ModelSize Size => ModelSize.Of(Volume.Grid);

    /// <summary>A channel, [D, H, W].</summary>
    /// <param name="channel">Counted from 0.</param>
    public ReadOnlyMemory<float> Channel(int channel) =>
        Volume.Voxels.AsMemory(channel * (int)Size.Count, (int)Size.Count);
}

/// <summary>The normalization of each channel.</summary>
/// <param name="Each">In the order of the channels.</param>
public sealed record ChannelNormalization(IReadOnlyList<NormalizationMethod> Each)
{
    /// <inheritdoc/>
    public bool Equals(ChannelNormalization? other) =>
        other is not null && Each.SequenceEqual(other.Each);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        Each.Aggregate(0, (hash, one) => HashCode.Combine(hash, one));
}
