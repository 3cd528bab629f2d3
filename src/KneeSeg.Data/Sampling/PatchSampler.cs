using KneeSeg.Imaging;

namespace KneeSeg.Data;

/// <summary>
/// Chooses patches. A patch is a pure function of (seed, epoch, step, sample): the same whatever was drawn
/// before, on whichever thread.
/// </summary>
/// <param name="cases">Where patches come from, each equally often; at least one.</param>
/// <param name="rule">How they are chosen.</param>
/// <param name="seed">Of the run.</param>
public sealed class PatchSampler(
    IReadOnlyList<PreprocessedCase> cases,
    PatchSamplingOptions rule,
    long seed
)
{
    private const int Redraws = 2;

    private readonly PatchExtractor cutter = new(rule);

    /// <summary>A patch.</summary>
    /// <param name="epoch">Counted from 0.</param>
    /// <param name="step">Within the epoch.</param>
    /// <param name="sample">Within the step.</param>
    public Patch Sample(int epoch, int step, int sample)
    {
        var image = new float[rule.Size.Count];
        var labels = new byte[rule.LabelSize.Count];
        var position = new float[3];
        var (source, place) = Fill(epoch, step, sample, image, labels, position);
        return new Patch(source.Id, place, image, labels, position);
    }

    /// <summary>The patches of a step.</summary>
    /// <param name="epoch">Counted from 0.</param>
    /// <param name="step">Within the epoch.</param>
    /// <param name="count">How many patches.</param>
    public PatchBatch Batch(int epoch, int step, int count)
    {
        var (voxels, labeled) = ((int)rule.Size.Count, (int)rule.LabelSize.Count);
        var images = GC.AllocateUninitializedArray<float>(count * voxels);
        var labels = GC.AllocateUninitializedArray<byte>(count * labeled);
        var positions = new float[3 * count];
        var ids = new string[count];
        for (var n = 0; n < count; n++)
            ids[n] = Fill(
                epoch,
                step,
                n,
                images.AsSpan(n * voxels, voxels),
                labels.AsSpan(n * labeled, labeled),
                positions.AsSpan(3 * n, 3)
            ).Source.Id;
        return new PatchBatch(epoch, step, ids, images, labels, positions);
    }

    private (PreprocessedCase Source, PatchLocation Place) Fill(
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
        // A fault of ours, which nobody can look into without knowing the patch.
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
        var place = default(PatchLocation);
        for (var left = rule.ResampleEmpty ? Redraws : 0; left >= 0; left--)
        {
            place = Turn(Draw(source, ref random), ref random);
            Cut(source, place, image, labels, ref random);
            if (labels.ContainsAnyExcept((byte)0, LabelValue.Ignored))
                break;
        }
        // A patch without an annotated voxel teaches nothing.
        if (!labels.ContainsAnyExcept(LabelValue.Ignored) && source.Annotated > 0)
        {
            place = Turn(AroundAnnotated(source, ref random), ref random);
            Cut(source, place, image, labels, ref random);
        }
        IntensityAugmentation.Apply(rule.Augmentation, rule.Size, image, ref random);
        place.Position(rule.Size, source.Size, position);
        return place;
    }

    private void Cut(
        PreprocessedCase source,
        PatchLocation place,
        Span<float> image,
        Span<byte> labels,
        ref SplitMix64 random
    )
    {
        var warp = rule.Augmentation.IsSpatial
            ? SpatialTransform.Draw(rule.Augmentation, place, rule.Size, source.Spacing, ref random)
            : null;
        if (warp is null)
            cutter.Extract(source, place, image, labels);
        else
            cutter.Extract(source, place, warp, image, labels);
    }

    private PatchLocation Draw(PreprocessedCase source, ref SplitMix64 random) =>
        random.Uniform() < rule.ForegroundFraction && source.PresentLabels.Count > 0
            ? AroundTissue(source, ref random)
            : new(
                Start(source.Size.Depth, rule.Size.Depth, ref random),
                Start(source.Size.Height, rule.Size.Height, ref random),
                Start(source.Size.Width, rule.Size.Width, ref random)
            );

    private int Start(int volume, int patch, ref SplitMix64 random)
    {
        var most = volume - patch;
        // As the published code has it: the middle voxel's index less that of the patch's.
        var middle = (volume - 1) / 2 - (patch - 1) / 2;
        return most <= 0
            ? Within(0, most)
            : rule.Distribution switch
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

    // Labels come equally often, however thin they are.
    private PatchLocation AroundTissue(PreprocessedCase source, ref SplitMix64 random)
    {
        var places = source
            .ForegroundIndices[source.PresentLabels[random.Below(source.PresentLabels.Count)]]
            .Span;
        return Around(places[random.Below(places.Length)], source.Size, ref random);
    }

    // Each annotated voxel is as likely as the other.
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
        var patch = rule.Size;
        var (rest, width) = Math.DivRem(voxel, volume.Width);
        var (depth, height) = Math.DivRem(rest, volume.Height);
        return new(
            // The labeled slice of a slab must be the voxel's own.
            rule.Kind == PatchKind.Volume
                ? Around(depth, patch.Depth, volume.Depth, ref random)
                : Within(depth - patch.Depth / 2, volume.Depth - patch.Depth),
            Around(height, patch.Height, volume.Height, ref random),
            Around(width, patch.Width, volume.Width, ref random)
        );
    }

    private PatchLocation Turn(PatchLocation place, ref SplitMix64 random)
    {
        var (depth, height, width) = (random.Next(), random.Next(), random.Next());
        bool Half(ModelAxis axis, ulong bits) => rule.Mirror.Axes.Contains(axis) && bits >> 63 == 1;
        return place with
        {
            MirrorDepth = Half(ModelAxis.Depth, depth),
            MirrorHeight = Half(ModelAxis.Height, height),
            MirrorWidth = Half(ModelAxis.Width, width),
        };
    }

    // A voxel comes to lie in the middle half of the patch.
    private static int Around(int voxel, int patch, int volume, ref SplitMix64 random) =>
        Within(voxel - patch / 4 - random.Below(patch - patch / 2), volume - patch);

    // A patch that is larger than the volume is centered on it.
    private static int Within(int start, int most) =>
        most >= 0 ? Math.Clamp(start, 0, most) : most / 2;
}
