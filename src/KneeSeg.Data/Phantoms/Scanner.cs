using System.Numerics;

namespace KneeSeg.Data.Phantoms;

/// <summary>What the scanner makes of a signal: blur, uneven coil, Rician noise, gain, whole numbers.</summary>
internal sealed class Scanner
{
    private readonly float[] bias = new float[9];
    private readonly ulong noiseKey;

    private Scanner(ref SplitMix64 random)
    {
        foreach (ref var weight in bias.AsSpan())
            weight = (float)random.Uniform(-1, 1);
        Noise = random.Uniform(.018, .035);
        Gain = random.Uniform(180, 320);
        noiseKey = random.Next();
    }

    /// <summary>Standard deviation of the noise, where fluid is 1.</summary>
    public double Noise { get; }

    /// <summary>Image value of fluid.</summary>
    public double Gain { get; }

    public static Scanner Draw(ref SplitMix64 random) => new(ref random);

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
