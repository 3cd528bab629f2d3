using System.Numerics;
using System.Runtime.Intrinsics;

namespace KneeSeg.Data.Phantoms;

/// <summary>
/// A random function of space with mean 0 and variance 1: a sum of plane cosine waves of random
/// direction and phase. It is analytic, so that a knee is the same at every resolution.
/// </summary>
internal sealed class SmoothField
{
    private readonly Wave[] waves;
    private readonly float amplitude;

    private SmoothField(Wave[] waves, float amplitude) =>
        (this.waves, this.amplitude) = (waves, amplitude);

    /// <summary>Draws a field.</summary>
    /// <param name="random">Gives directions, wavelengths and phases.</param>
    /// <param name="wavelength">Middle of the wavelengths, mm.</param>
    /// <param name="count">How many waves.</param>
    public static SmoothField Draw(ref SplitMix64 random, double wavelength, int count)
    {
        var lanes = (count + 7) / 8 * 8;
        var (x, y, z) = (new float[lanes], new float[lanes], new float[lanes]);
        var phase = new float[lanes];
        // A lane without a wave adds cos(π/2) = 0.
        phase.AsSpan(count).Fill(MathF.PI / 2);
        for (var i = 0; i < count; i++)
        {
            var (a, b, c) = (random.Gaussian(), random.Gaussian(), random.Gaussian());
            var length = Math.Sqrt(a * a + b * b + c * c) + 1e-9;
            var k = 2 * Math.PI / (wavelength * random.Uniform(.7, 1.4)) / length;
            (x[i], y[i], z[i]) = ((float)(k * a), (float)(k * b), (float)(k * c));
            phase[i] = (float)random.Uniform(0, 2 * Math.PI);
        }
        var waves = Enumerable.Range(0, lanes / 8).Select(i => new Wave(x, y, z, phase, i * 8));
        return new SmoothField([.. waves], MathF.Sqrt(2f / count));
    }

    /// <summary>Its value at a place, mm.</summary>
    public float At(Vector3 place)
    {
        var sum = Vector256<float>.Zero;
        foreach (ref readonly var wave in waves.AsSpan())
            sum += wave.At(place);
        return Vector256.Sum(sum) * amplitude;
    }

    /// <summary>Eight plane waves side by side.</summary>
    private readonly struct Wave(float[] x, float[] y, float[] z, float[] phase, int start)
    {
        private readonly Vector256<float> x = Vector256.Create(x, start);
        private readonly Vector256<float> y = Vector256.Create(y, start);
        private readonly Vector256<float> z = Vector256.Create(z, start);
        private readonly Vector256<float> phase = Vector256.Create(phase, start);

        public Vector256<float> At(Vector3 place) =>
            Vector256.Cos(x * place.X + y * place.Y + z * place.Z + phase);
    }
}
