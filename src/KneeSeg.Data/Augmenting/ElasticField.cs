using KneeSeg.Imaging;

namespace KneeSeg.Data;

/// <summary>
/// Smooth random displacements: a few waves of 30 to 80 mm along random directions, known at every eighth voxel and
/// linear between.
/// </summary>
internal sealed class ElasticField
{
    private const int Step = 8;
    private const int Waves = 4;

    private readonly int heights;
    private readonly int widths;
    private readonly float[] lattice;

    /// <param name="patch">The size of what is displaced.</param>
    /// <param name="spacing">Of its voxels.</param>
    /// <param name="most">The largest displacement that is likely, mm.</param>
    /// <param name="inPlane">Whether slices stay where they are.</param>
    /// <param name="key">What the waves follow from.</param>
    public ElasticField(ModelSize patch, ModelSpacing spacing, double most, bool inPlane, ulong key)
    {
        double[] mm = [spacing.Depth, spacing.Height, spacing.Width];
        var depths = patch.Depth / Step + 2;
        (heights, widths) = (patch.Height / Step + 2, patch.Width / Step + 2);
        lattice = new float[3 * depths * heights * widths];
        var random = new SplitMix64(key);
        for (var axis = 0; axis < 3; axis++)
        for (var wave = 0; wave < Waves; wave++)
        {
            var phase = random.Uniform(0, 2 * Math.PI);
            var frequency = 2 * Math.PI / random.Uniform(30, 80);
            var (x, y, z) = (random.Gaussian(), random.Gaussian(), random.Gaussian());
            var along = frequency / Math.Sqrt(x * x + y * y + z * z + 1e-12);
            if (axis == 0 && inPlane)
                continue;
            var at = axis;
            for (var d = 0; d < depths; d++)
            for (var h = 0; h < heights; h++)
            for (var w = 0; w < widths; w++, at += 3)
                lattice[at] += (float)(
                    most
                    / mm[axis]
                    / Waves
                    * Math.Cos(
                        phase + along * Step * (z * d * mm[0] + y * h * mm[1] + x * w * mm[2])
                    )
                );
        }
    }

    /// <summary>Adds the displacements of a row, in voxels.</summary>
    /// <param name="d">The row's slice.</param>
    /// <param name="h">The row.</param>
    /// <param name="row">Depth, height and width of each of its voxels.</param>
    public void AddTo(int d, int h, Span<double> row)
    {
        var (i, j) = (d / Step, h / Step);
        var (a, b) = (d % Step / (double)Step, h % Step / (double)Step);
        for (var w = 0; w < row.Length / 3; w++)
        {
            var k = w / Step;
            var c = w % Step / (double)Step;
            for (var axis = 0; axis < 3; axis++)
            {
                double At(int di, int dj)
                {
                    var at = 3 * (((i + di) * heights + j + dj) * widths + k) + axis;
                    return lattice[at] + c * (lattice[at + 3] - lattice[at]);
                }
                var near = At(0, 0) + b * (At(0, 1) - At(0, 0));
                var far = At(1, 0) + b * (At(1, 1) - At(1, 0));
                row[3 * w + axis] += near + a * (far - near);
            }
        }
    }
}
