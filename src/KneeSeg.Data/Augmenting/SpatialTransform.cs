using KneeSeg.Data.Preprocessing;
using KneeSeg.Imaging;

namespace KneeSeg.Data.Augmenting;

/// <summary>
/// Maps each voxel of a patch to its case: rotation and scaling about the patch's center, mirroring and elastic
/// deformation, composed so that the image is interpolated once.
/// </summary>
internal sealed class SpatialTransform
{
    // With fewer slices than this, out-of-plane rotation would leave nothing of the patch.
    private const int FewSlices = 8;

    private readonly double[,] turn;
    private readonly ElasticField? elastic;
    private readonly ModelSize patch;
    private readonly double[] middle;

    private SpatialTransform(
        double[,] turn,
        ElasticField? elastic,
        ModelSize patch,
        double[] middle
    ) => (this.turn, this.elastic, this.patch, this.middle) = (turn, elastic, patch, middle);

    /// <summary>Draws a transform; null if the patch is not transformed.</summary>
    /// <param name="augmentation">Probabilities and magnitudes.</param>
    /// <param name="location">The patch's location; its mirroring is part of the map.</param>
    /// <param name="patch">Its size.</param>
    /// <param name="spacing">Of its voxels.</param>
    /// <param name="random">The patch's random numbers.</param>
    public static SpatialTransform? Draw(
        Augmentation augmentation,
        PatchLocation location,
        ModelSize patch,
        ModelSpacing spacing,
        ref SplitMix64 random
    )
    {
        var isAnisotropic = patch.Depth < FewSlices;
        var about = Angles(augmentation, isAnisotropic, ref random);
        var larger = augmentation.Scaling.DrawSigned(ref random);
        var scale = larger >= 0 ? 1 / (1 + larger) : 1 - larger;
        var waves = augmentation.Elastic.DrawUnsigned(ref random);
        var key = random.Next();
        if (about is [0, 0, 0] && scale == 1 && waves == 0)
            return null;

        double[] mm = [spacing.Depth, spacing.Height, spacing.Width];
        double[] sign =
        [
            location.MirrorDepth ? -1 : 1,
            location.MirrorHeight ? -1 : 1,
            location.MirrorWidth ? -1 : 1,
        ];
        var turn = Rotation(about);
        for (var i = 0; i < 3; i++)
        for (var j = 0; j < 3; j++)
            turn[i, j] *= (isAnisotropic && i == 0 ? 1 : scale) * sign[j] * mm[j] / mm[i];
        return new(
            turn,
            waves > 0 ? new ElasticField(patch, spacing, waves, isAnisotropic, key) : null,
            patch,
            [
                location.Depth + (patch.Depth - 1) / 2.0,
                location.Height + (patch.Height - 1) / 2.0,
                location.Width + (patch.Width - 1) / 2.0,
            ]
        );
    }

    private static double[] Angles(
        Augmentation augmentation,
        bool isAnisotropic,
        ref SplitMix64 random
    )
    {
        // Drawn once for all axes, so that the probability is the fraction of rotated patches.
        var isTurned = random.Uniform() < augmentation.Rotation.Probability;
        var about = new double[3];
        foreach (ref var angle in about.AsSpan())
            angle = random.Uniform(-1, 1) * (isTurned ? augmentation.Rotation.Magnitude : 0);
        if (isAnisotropic)
            about[1] = about[2] = 0;
        var quarters = random.Below((int)augmentation.QuarterTurns.Magnitude + 1);
        if (random.Uniform() < augmentation.QuarterTurns.Probability)
            about[0] -= 90 * quarters;
        return Array.ConvertAll(about, degrees => degrees * Math.PI / 180);
    }

    /// <summary>The image of the patch's voxels by trilinear interpolation, all channels.</summary>
    /// <param name="source">The case.</param>
    /// <param name="target">Receives [C, D, H, W].</param>
    /// <param name="repeatSlices">Whether the first and last slices are repeated beyond them.</param>
    public void Image(PreprocessedCase source, Span<float> target, bool repeatSlices)
    {
        var row = new double[3 * patch.Width];
        for (var d = 0; d < patch.Depth; d++)
        for (var h = 0; h < patch.Height; h++)
        {
            Positions(d, h, row);
            if (repeatSlices)
                for (var w = 0; w < row.Length; w += 3)
                    row[w] = Math.Clamp(row[w], 0, source.Size.Depth - 1);
            for (var channel = 0; channel < source.Channels; channel++)
            {
                var image = new TrilinearSampler(source, channel);
                var at = ((channel * patch.Depth + d) * patch.Height + h) * patch.Width;
                for (var w = 0; w < row.Length; w += 3)
                    target[at++] = image.At(row[w], row[w + 1], row[w + 2]);
            }
        }
    }

    /// <summary>The labels of the patch's voxels by nearest neighbor.</summary>
    /// <param name="source">The case.</param>
    /// <param name="firstSlice">Of the patch.</param>
    /// <param name="target">As many slices as it holds.</param>
    public void Labels(PreprocessedCase source, int firstSlice, Span<byte> target)
    {
        var at = 0;
        var voxels = source.Labels.Span;
        var size = source.Size;
        var row = new double[3 * patch.Width];
        for (var d = firstSlice; at < target.Length; d++)
        for (var h = 0; h < patch.Height; h++)
        {
            Positions(d, h, row);
            for (var w = 0; w < row.Length; w += 3)
            {
                var (i, j, k) = (Nearest(row[w]), Nearest(row[w + 1]), Nearest(row[w + 2]));
                target[at++] =
                    (uint)i < size.Depth && (uint)j < size.Height && (uint)k < size.Width
                        ? voxels[(i * size.Height + j) * size.Width + k]
                        : (byte)0;
            }
        }
    }

    private void Positions(int d, int h, Span<double> row)
    {
        var (y, x) = (h - (patch.Height - 1) / 2.0, -(patch.Width - 1) / 2.0);
        var z = d - (patch.Depth - 1) / 2.0;
        for (var axis = 0; axis < 3; axis++)
        {
            var location = middle[axis] + turn[axis, 0] * z + turn[axis, 1] * y + turn[axis, 2] * x;
            for (var w = axis; w < row.Length; w += 3, location += turn[axis, 2])
                row[w] = location;
        }
        elastic?.AddTo(d, h, row);
    }

    private static int Nearest(double index) => (int)Math.Floor(index + 0.5);

    // About depth, then height, then width.
    private static double[,] Rotation(double[] about)
    {
        double[,] all =
        {
            { 1, 0, 0 },
            { 0, 1, 0 },
            { 0, 0, 1 },
        };
        for (var axis = 0; axis < 3; axis++)
        {
            var (sine, cosine) = Math.SinCos(about[axis]);
            var (i, j) = ((axis + 1) % 3, (axis + 2) % 3);
            for (var column = 0; column < 3; column++)
                (all[i, column], all[j, column]) = (
                    cosine * all[i, column] - sine * all[j, column],
                    sine * all[i, column] + cosine * all[j, column]
                );
        }
        return all;
    }
}
