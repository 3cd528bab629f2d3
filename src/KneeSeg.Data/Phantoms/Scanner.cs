using System.Numerics;

namespace KneeSeg.Data.Phantoms;

/// <summary>What the scanner makes of a signal: blur, uneven coil, Rician noise, gain, whole numbers.</summary>
internal sealed class Scanner
{
    private readonly float[] bias = new float[9];
    private readonly ulong noiseKey;

    private Scanner(ref SplitMix64 random, ulong scan)
    {
        foreach (ref var weight in bias.AsSpan())
            weight = (float)random.Uniform(-1, 1);
        Noise = random.Uniform(.018, .035);
        Gain = random.Uniform(180, 320);
        noiseKey = random.Next() + SplitMix64.Mix(scan);
    }

    /// <summary>Standard deviation of the noise, where fluid is 1.</summary>
    public double Noise { get; }

    /// <summary>Image value of fluid.</summary>
    public double Gain { get; }

    /// <summary>Draws a subject's scanner.</summary>
    /// <param name="random">The subject's random numbers.</param>
    /// <param name="scan">Which image of the subject: each has noise of its own.</param>
    public static Scanner Draw(ref SplitMix64 random, ulong scan) => new(ref random, scan);

    /// <summary>The coil's sensitivity at a place of the scanner (x posterior, y inferior), mm.</summary>
    public float Sensitivity(Vector3 place)
    {
        var (x, y, z) = (place.X / 70, place.Y / 70, place.Z / 56);
        var linear = bias[0] * x + bias[1] * y + bias[2] * z;
        var mixed = bias[3] * x * y + bias[4] * y * z + bias[5] * x * z;
        var squares = bias[6] * x * x + bias[7] * y * y + bias[8] * z * z;
        return MathF.Exp(.16f * linear + .12f * mixed + .14f * squares - .10f * (y * y + x * x));
    }

    /// <summary>The image value of a signal: the magnitude of it with complex noise.</summary>
    /// <param name="signal">Blurred, with sensitivity.</param>
    /// <param name="voxel">Its number, so that noise does not depend on the order of work.</param>
    public short Measure(float signal, long voxel)
    {
        var (real, imaginary) = SplitMix64.GaussianPair(noiseKey, (ulong)voxel);
        var deviation = (float)Noise;
        var magnitude = float.Hypot(signal + deviation * real, deviation * imaginary);
        return (short)Math.Clamp(MathF.Round(magnitude * (float)Gain), 0, short.MaxValue);
    }
}

/// <summary>
/// The scanner's blur, which is a length in mm and so does not depend on the voxels: along each axis
/// every voxel takes a share of its two neighbors; those at the ends stay.
/// </summary>
internal static class PointSpread
{
    /// <summary>Blurs a volume in place.</summary>
    /// <param name="voxels">First axis fastest.</param>
    /// <param name="size">Voxels along each axis.</param>
    /// <param name="spacing">Of the voxels, mm.</param>
    /// <param name="deviation">Of the blur along each axis, mm.</param>
    public static void Blur(
        float[] voxels,
        Imaging.Size3 size,
        ReadOnlySpan<double> spacing,
        ReadOnlySpan<double> deviation
    )
    {
        var plane = size.X * size.Y;
        var (x, y, z) = (
            Share(spacing[0], deviation[0]),
            Share(spacing[1], deviation[1]),
            Share(spacing[2], deviation[2])
        );
        Parallel.For(
            0,
            size.Z,
            k =>
            {
                var slice = voxels.AsSpan(k * plane, plane);
                for (var j = 0; j < size.Y; j++)
                    Lines(slice.Slice(j * size.X, size.X), 1, size.X, x);
                Lines(slice, size.X, size.Y, y);
            }
        );
        Parallel.For(0, size.Y, j => Lines(voxels.AsSpan(j * size.X), size.X, plane, size.Z, z));
    }

    private static float Share(double spacing, double deviation)
    {
        var weight = Math.Exp(-.5 * Math.Pow(spacing / deviation, 2));
        return (float)(weight / (1 + 2 * weight));
    }

    private static void Lines(Span<float> voxels, int stride, int count, float share) =>
        Lines(voxels, stride, stride, count, share);

    // Blurs `width` neighboring lines whose voxels are `stride` apart.
    private static void Lines(Span<float> voxels, int width, int stride, int count, float share)
    {
        Span<float> before = width <= 512 ? stackalloc float[width] : new float[width];
        if (count < 3)
            return;
        voxels[..width].CopyTo(before);
        for (var n = 1; n < count - 1; n++)
        {
            var here = voxels.Slice(n * stride, width);
            var after = voxels.Slice((n + 1) * stride, width);
            for (var i = 0; i < width; i++)
            {
                var value = here[i];
                here[i] = value * (1 - 2 * share) + share * (before[i] + after[i]);
                before[i] = value;
            }
        }
    }
}
