using System.Numerics;
using System.Numerics.Tensors;
using KneeSeg.Imaging;

namespace KneeSeg.Data.Augmenting;

/// <summary>
/// Images synthesized from labels, with another contrast each time, so that a network learns shapes instead of
/// intensities (SynthSeg, Billot et al. 2023). Every structure has a random mean and texture; the background, of whose
/// tissues labels say nothing, is divided into smooth regions that have theirs. Resolution, coil bias, gamma and noise
/// are random too.
/// </summary>
internal static class SyntheticImage
{
    // So many fields divide the background into 2³ kinds of tissue.
    private const int Fields = 3;
    private const int FirstRegion = 256;

    /// <summary>The tissue of each voxel: its label, or a region of the background.</summary>
    /// <param name="labels">Of the patch; unannotated voxels count as background.</param>
    /// <param name="size">Its size.</param>
    /// <param name="spacing">Of its voxels.</param>
    /// <param name="random">Draws the regions.</param>
    public static ushort[] Tissues(
        ReadOnlySpan<byte> labels,
        ModelSize size,
        ModelSpacing spacing,
        ref SplitMix64 random
    )
    {
        var fields = new LatticeNoise[Fields];
        foreach (ref var field in fields.AsSpan())
            field = new(size, spacing, random.Uniform(8, 30), ref random);
        var tissues = new ushort[labels.Length];
        var row = new float[size.Width];
        for (var at = 0; at < tissues.Length; at += size.Width)
        {
            var (d, h) = Math.DivRem(at / size.Width, size.Height);
            var line = tissues.AsSpan(at, size.Width);
            line.Fill(FirstRegion);
            for (var field = 0; field < Fields; field++)
            {
                fields[field].Row(d, h, row);
                for (var w = 0; w < row.Length; w++)
                    if (row[w] > 0)
                        line[w] += (ushort)(1 << field);
            }
            for (var w = 0; w < row.Length; w++)
                if (labels[at + w] is var label and not (0 or LabelValue.Ignored))
                    line[w] = label;
        }
        return tissues;
    }

    /// <summary>Draws an image.</summary>
    /// <param name="tissues">From <see cref="Tissues"/>.</param>
    /// <param name="size">The patch's size.</param>
    /// <param name="spacing">Of its voxels.</param>
    /// <param name="image">Receives the intensities, with mean 0 and deviation 1.</param>
    /// <param name="random">Draws the contrast.</param>
    public static void Draw(
        ReadOnlySpan<ushort> tissues,
        ModelSize size,
        ModelSpacing spacing,
        Span<float> image,
        ref SplitMix64 random
    )
    {
        Paint(tissues, size, spacing, image, ref random);
        // Partial volumes, then a scanner's resolution.
        GaussianBlur.Blur(image, size, random.Uniform(.3, 1));
        if (random.Uniform() < .3)
            GaussianBlur.Coarsen(image, size, random.Uniform(1, 2));
        BiasField.Apply(image, size, random.Uniform(0, .4), random.Next());
        IntensityAugmentation.GammaAndGain(image, (float)Math.Exp(random.Uniform(-.4, .4)), 1);
        Normalize(image);
        IntensityAugmentation.AddNoise(
            image,
            (float)random.Uniform(0, .2),
            new SplitMix64(random.Next())
        );
    }

    private static void Paint(
        ReadOnlySpan<ushort> tissues,
        ModelSize size,
        ModelSpacing spacing,
        Span<float> image,
        ref SplitMix64 random
    )
    {
        var signals = new Signal[FirstRegion + (1 << Fields)];
        foreach (ref var signal in signals.AsSpan())
            signal = Signal.Draw(ref random);
        var mottle = new LatticeNoise(size, spacing, random.Uniform(2, 8), ref random);
        var grain = new SplitMix64(random.Next());
        var row = new float[size.Width];
        for (var at = 0; at < image.Length; at += size.Width)
        {
            var (d, h) = Math.DivRem(at / size.Width, size.Height);
            mottle.Row(d, h, row);
            for (var w = 0; w < row.Length; w++)
            {
                var signal = signals[tissues[at + w]];
                image[at + w] =
                    signal.Mean
                    + signal.Mottle * row[w]
                    + signal.Grain * IntensityAugmentation.Gaussian(ref grain);
            }
        }
    }

    private static void Normalize(Span<float> image)
    {
        TensorPrimitives.Subtract(image, TensorPrimitives.Average<float>(image), image);
        var deviation = MathF.Sqrt(TensorPrimitives.SumOfSquares<float>(image) / image.Length);
        if (deviation > 0)
            TensorPrimitives.Divide(image, deviation, image);
    }

    /// <summary>The intensities of a tissue.</summary>
    private readonly record struct Signal(float Mean, float Mottle, float Grain)
    {
        public static Signal Draw(ref SplitMix64 random) =>
            new(
                (float)random.Uniform(),
                (float)random.Uniform(0, .06),
                (float)random.Uniform(0, .06)
            );
    }
}

/// <summary>A smooth random field: normal numbers at points some mm apart, and linear between.</summary>
internal sealed class LatticeNoise
{
    private readonly Vector3 step;
    private readonly int rows;
    private readonly int columns;
    private readonly float[] points;
    private readonly float[] line;

    /// <param name="size">The patch's size.</param>
    /// <param name="spacing">Of its voxels.</param>
    /// <param name="apart">How far points are apart, mm.</param>
    /// <param name="random">Draws the numbers.</param>
    public LatticeNoise(ModelSize size, ModelSpacing spacing, double apart, ref SplitMix64 random)
    {
        // In points, from a voxel to the next.
        step =
            new Vector3((float)spacing.Depth, (float)spacing.Height, (float)spacing.Width)
            / (float)apart;
        int Points(int voxels, float each) => (int)(voxels * each) + 2;
        (rows, columns) = (Points(size.Height, step.Y), Points(size.Width, step.Z));
        points = new float[Points(size.Depth, step.X) * rows * columns];
        line = new float[columns];
        foreach (ref var point in points.AsSpan())
            point = (float)random.Gaussian();
    }

    /// <summary>The values of a row.</summary>
    /// <param name="d">Its slice.</param>
    /// <param name="h">The row in it.</param>
    /// <param name="target">Receives them.</param>
    public void Row(int d, int h, Span<float> target)
    {
        var (i, a) = Split(d * step.X);
        var (j, b) = Split(h * step.Y);
        for (var k = 0; k < columns; k++)
            line[k] = Between(
                Between(Line(i, j)[k], Line(i, j + 1)[k], b),
                Between(Line(i + 1, j)[k], Line(i + 1, j + 1)[k], b),
                a
            );
        for (var w = 0; w < target.Length; w++)
        {
            var (k, c) = Split(w * step.Z);
            target[w] = Between(line[k], line[k + 1], c);
        }
    }

    private ReadOnlySpan<float> Line(int i, int j) =>
        points.AsSpan((i * rows + j) * columns, columns);

    private static (int Point, float Beyond) Split(float place) => ((int)place, place - (int)place);

    private static float Between(float a, float b, float share) => a + share * (b - a);
}
