using KneeSeg.Imaging;

namespace KneeSeg.Data.Augmenting;

/// <summary>
/// Smooth random displacements: a few waves of 30 to 80 mm along random directions, sampled at lattice points at most 5 mm
/// apart and linear between.
/// </summary>
internal sealed class ElasticField
{
    private const int Waves = 4;
    private const int MostVoxels = 8;
    private const double MostMillimeters = 5;

    private readonly int[] steps;
    private readonly int[] points;
    private readonly float[] lattice;
    private readonly float[] line;

    /// <param name="patch">The patch size.</param>
    /// <param name="spacing">Of its voxels.</param>
    /// <param name="most">The largest likely displacement, mm.</param>
    /// <param name="inPlane">Whether displacements are in-plane only.</param>
    /// <param name="key">The waves' random seed.</param>
    public ElasticField(ModelSize patch, ModelSpacing spacing, double most, bool inPlane, ulong key)
    {
        double[] mm = [spacing.Depth, spacing.Height, spacing.Width];
        int[] sizes = [patch.Depth, patch.Height, patch.Width];
        steps = Array.ConvertAll(
            mm,
            one => Math.Clamp((int)(MostMillimeters / one), 1, MostVoxels)
        );
        points = [.. sizes.Zip(steps, (size, step) => size / step + 2)];
        lattice = new float[3 * points[0] * points[1] * points[2]];
        line = new float[3 * points[2]];
        var random = new SplitMix64(key);
        for (var axis = 0; axis < 3; axis++)
        for (var wave = 0; wave < Waves; wave++)
        {
            var phase = random.Uniform(0, 2 * Math.PI);
            var frequency = 2 * Math.PI / random.Uniform(30, 80);
            double[] direction = [random.Gaussian(), random.Gaussian(), random.Gaussian()];
            if (axis == 0 && inPlane)
                continue;
            var along = frequency / Math.Sqrt(direction.Sum(one => one * one) + 1e-12);
            // Radians from one lattice point to the next.
            var turn = direction
                .Zip(mm, (one, side) => along * one * side)
                .Zip(steps, (a, b) => a * b);
            Add(axis, most / mm[axis] / Waves, phase, [.. turn]);
        }
    }

    /// <summary>Adds the displacements of a row, in voxels.</summary>
    /// <param name="d">The row's slice.</param>
    /// <param name="h">The row.</param>
    /// <param name="row">Depth, height and width of each of its voxels.</param>
    public void AddTo(int d, int h, Span<double> row)
    {
        var (i, a) = (d / steps[0], d % steps[0] / (float)steps[0]);
        var (j, b) = (h / steps[1], h % steps[1] / (float)steps[1]);
        for (var at = 0; at < line.Length; at++)
        {
            var near = Between(Line(i, j)[at], Line(i, j + 1)[at], b);
            var far = Between(Line(i + 1, j)[at], Line(i + 1, j + 1)[at], b);
            line[at] = Between(near, far, a);
        }
        for (var at = 0; at < row.Length; at++)
        {
            var (w, axis) = (at / 3, at % 3);
            var point = 3 * (w / steps[2]) + axis;
            row[at] += Between(line[point], line[point + 3], w % steps[2] / (float)steps[2]);
        }
    }

    private void Add(int axis, double amplitude, double phase, double[] turn)
    {
        var at = axis;
        for (var d = 0; d < points[0]; d++)
        for (var h = 0; h < points[1]; h++)
        for (var w = 0; w < points[2]; w++, at += 3)
            lattice[at] += (float)(
                amplitude * Math.Cos(phase + turn[0] * d + turn[1] * h + turn[2] * w)
            );
    }

    private ReadOnlySpan<float> Line(int i, int j) =>
        lattice.AsSpan((i * points[1] + j) * line.Length, line.Length);

    private static float Between(float a, float b, float share) => a + share * (b - a);
}
