using KneeSeg.Data.Augmenting;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Imaging;

namespace KneeSeg.Data.Patches;

/// <summary>
/// Samples patches. A patch is a pure function of (seed, epoch, step, sample), independent of earlier draws and threads.
/// </summary>
/// <param name="cases">The cases, sampled uniformly; at least one.</param>
/// <param name="options">The sampling options.</param>
/// <param name="seed">The run's seed.</param>
public sealed class PatchSampler(
    IReadOnlyList<PreprocessedCase> cases,
    PatchSamplingOptions options,
    long seed
)
{
    private const int Redraws = 2;

    private readonly PatchExtractor extractor = new(options);

    /// <summary>A patch.</summary>
    /// <param name="epoch">Counted from 0.</param>
    /// <param name="step">Within the epoch.</param>
    /// <param name="sample">Within the step.</param>
    public Patch Sample(int epoch, int step, int sample)
    {
        var image = new float[ImageLength];
        var labels = new byte[options.LabelSize.Count];
        var position = new float[3];
        var (source, location) = Fill(epoch, step, sample, image, labels, position);
        return new Patch(source.Id, location, image, labels, position);
    }

    /// <summary>The patches of a step.</summary>
    /// <param name="epoch">Counted from 0.</param>
    /// <param name="step">Within the epoch.</param>
    /// <param name="count">How many patches.</param>
    /// <param name="first">The first sample, where these are a part of the step's.</param>
    public PatchBatch Batch(int epoch, int step, int count, int first = 0)
    {
        var (voxels, labeled) = (ImageLength, (int)options.LabelSize.Count);
        var images = GC.AllocateUninitializedArray<float>(count * voxels);
        var labels = GC.AllocateUninitializedArray<byte>(count * labeled);
        var positions = new float[3 * count];
        var sources = new PreprocessedCase[count];
        for (var n = 0; n < count; n++)
            sources[n] = Fill(
                epoch,
                step,
                first + n,
                images.AsSpan(n * voxels, voxels),
                labels.AsSpan(n * labeled, labeled),
                positions.AsSpan(3 * n, 3)
            ).Source;
        LabelGroups?[] groups = [.. sources.Select(source => source.Groups)];
        return new PatchBatch(
            epoch,
            step,
            [.. sources.Select(source => source.Id)],
            images,
            labels,
            positions
        )
        {
            Groups = groups.All(one => one is null) ? [] : groups,
        };
    }

    private int ImageLength => cases[0].Channels * (int)options.ImageSize.Count;

    private (PreprocessedCase Source, PatchLocation Location) Fill(
        int epoch,
        int step,
        int sample,
        Span<float> image,
        Span<byte> labels,
        Span<float> position
    )
    {
        var random = SplitMix64.At(seed, epoch, step, sample);
        var source = cases[random.Below(cases.Count)];
        try
        {
            return (source, Fill(source, image, labels, position, ref random));
        }
        // An internal error, reported with the patch needed to reproduce it.
        catch (Exception e) when (e is not (ProblemException or OutOfMemoryException))
        {
            throw new InvalidOperationException(
                $"patch {sample} of epoch {epoch}, step {step}, of case {source.Id}: {e.Message}",
                e
            );
        }
    }

    private PatchLocation Fill(
        PreprocessedCase source,
        Span<float> image,
        Span<byte> labels,
        Span<float> position,
        ref SplitMix64 random
    )
    {
        var location = default(PatchLocation);
        for (var left = options.ResampleEmpty ? Redraws : 0; left >= 0; left--)
        {
            location = Mirror(Draw(source, ref random), ref random);
            Extract(source, location, image, labels, ref random);
            if (labels.ContainsAnyExcept((byte)0, LabelValue.Ignored))
                break;
        }
        // A patch without an annotated voxel has no loss.
        if (!labels.ContainsAnyExcept(LabelValue.Ignored) && source.Annotated > 0)
        {
            location = Mirror(AroundAnnotated(source, ref random), ref random);
            Extract(source, location, image, labels, ref random);
        }
        var channel = (int)options.ImageSize.Count;
        for (var at = 0; at < image.Length; at += channel)
            IntensityAugmentation.Apply(
                options.Augmentation,
                options.ImageSize,
                image.Slice(at, channel),
                ref random
            );
        location.Position(options.Size, source.Size, position);
        return location;
    }

    private void Extract(
        PreprocessedCase source,
        PatchLocation location,
        Span<float> image,
        Span<byte> labels,
        ref SplitMix64 random
    )
    {
        var transform = options.Augmentation.IsSpatial
            ? SpatialTransform.Draw(
                options.Augmentation,
                location with
                {
                    Depth = location.Depth - options.Slices / 2,
                },
                options.ImageSize,
                source.Spacing,
                ref random
            )
            : null;
        if (transform is null)
            extractor.Extract(source, location, image, labels);
        else
            extractor.Extract(source, location, transform, image, labels);
        if (options.Synthetic > 0 && random.Uniform() < options.Synthetic)
            Synthesize(
                extractor.ImageLabels(source, location, transform),
                source.Spacing,
                image,
                ref random
            );
    }

    // Channels show the same tissues, each in a contrast of its own.
    private void Synthesize(
        byte[] labels,
        ModelSpacing spacing,
        Span<float> image,
        ref SplitMix64 random
    )
    {
        var tissues = SyntheticImage.Tissues(labels, options.ImageSize, spacing, ref random);
        for (var at = 0; at < image.Length; at += labels.Length)
            SyntheticImage.Draw(
                tissues,
                options.ImageSize,
                spacing,
                image.Slice(at, labels.Length),
                ref random
            );
    }

    private PatchLocation Draw(PreprocessedCase source, ref SplitMix64 random) =>
        random.Uniform() < options.ForegroundFraction && source.PresentLabels.Count > 0
            ? AroundForeground(source, ref random)
            : new(
                Start(source.Size.Depth, options.Size.Depth, ref random),
                Start(source.Size.Height, options.Size.Height, ref random),
                Start(source.Size.Width, options.Size.Width, ref random)
            );

    private int Start(int volume, int patch, ref SplitMix64 random)
    {
        var most = volume - patch;
        // As in the published code: the center voxel's index minus that of the patch.
        var middle = (volume - 1) / 2 - (patch - 1) / 2;
        return most <= 0
            ? Within(0, most)
            : options.Distribution switch
            {
                CropDistribution.Centered => middle,
                CropDistribution.Normal => Within(
                    (int)
                        Math.Round(
                            middle + middle / 4 * random.Gaussian(),
                            MidpointRounding.ToEven
                        ),
                    most
                ),
                _ => random.Below(most + 1),
            };
    }

    // Labels are sampled uniformly, whatever their size.
    private PatchLocation AroundForeground(PreprocessedCase source, ref SplitMix64 random)
    {
        var indices = source
            .ForegroundIndices[source.PresentLabels[random.Below(source.PresentLabels.Count)]]
            .Span;
        return Around(indices[random.Below(indices.Length)], source.Size, ref random);
    }

    // Uniform over annotated voxels.
    private PatchLocation AroundAnnotated(PreprocessedCase source, ref SplitMix64 random)
    {
        var labels = source.Labels.Span;
        var before = random.Below(source.Annotated);
        var (voxel, width) = (0, source.Size.Width);
        // Rows are counted, and only the voxel's own is walked along.
        while (InRow(labels.Slice(voxel, width)) is var annotated && annotated <= before)
            (voxel, before) = (voxel + width, before - annotated);
        while (labels[voxel] == LabelValue.Ignored || before-- > 0)
            voxel++;
        return Around(voxel, source.Size, ref random);

        static int InRow(ReadOnlySpan<byte> row) => row.Length - row.Count(LabelValue.Ignored);
    }

    private PatchLocation Around(int voxel, ModelSize volume, ref SplitMix64 random)
    {
        var patch = options.Size;
        var (rest, width) = Math.DivRem(voxel, volume.Width);
        var (depth, height) = Math.DivRem(rest, volume.Height);
        return new(
            // The labeled slice of a slab must be the voxel's own.
            options.Kind == PatchKind.Volume
                ? Around(depth, patch.Depth, volume.Depth, ref random)
                : Within(depth - patch.Depth / 2, volume.Depth - patch.Depth),
            Around(height, patch.Height, volume.Height, ref random),
            Around(width, patch.Width, volume.Width, ref random)
        );
    }

    private PatchLocation Mirror(PatchLocation location, ref SplitMix64 random)
    {
        var (depth, height, width) = (random.Next(), random.Next(), random.Next());
        bool Half(ModelAxis axis, ulong bits) =>
            options.Mirror.Axes.Contains(axis) && bits >> 63 == 1;
        return location with
        {
            MirrorDepth = Half(ModelAxis.Depth, depth),
            MirrorHeight = Half(ModelAxis.Height, height),
            MirrorWidth = Half(ModelAxis.Width, width),
        };
    }

    // The voxel falls into the middle half of the patch.
    private static int Around(int voxel, int patch, int volume, ref SplitMix64 random) =>
        Within(voxel - patch / 4 - random.Below(patch - patch / 2), volume - patch);

    // A patch that is larger than the volume is centered on it.
    private static int Within(int start, int most) =>
        most >= 0 ? Math.Clamp(start, 0, most) : most / 2;
}
