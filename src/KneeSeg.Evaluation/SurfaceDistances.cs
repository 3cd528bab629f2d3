using KneeSeg.Imaging;
using KneeSeg.Imaging.Morphology;

namespace KneeSeg.Evaluation;

/// <summary>
/// Distances in mm from the border of one mask to the border of the other. A border voxel is in the mask and has one
/// of its six neighbors outside; beyond the volume is outside. Distances are between voxel centers, as in MONAI.
/// </summary>
internal sealed class SurfaceDistances
{
    // Spacings are float32, so a distance equal to a tolerance may be rounded above it.
    private const double Rounding = 1e-5;

    private readonly float[] fromReference;
    private readonly float[] fromPrediction;

    /// <summary>Measures two masks, neither of them empty.</summary>
    public SurfaceDistances(MaskPair pair)
    {
        var reference = Border(pair.Reference, pair.Size);
        var prediction = Border(pair.Prediction, pair.Size);
        fromReference = Directed(reference, prediction, pair);
        fromPrediction = Directed(prediction, reference, pair);
    }

    /// <summary>The average symmetric surface distance: the mean over the border voxels of both.</summary>
    public double Average =>
        (fromReference.Sum(d => (double)d) + fromPrediction.Sum(d => (double)d))
        / (fromReference.Length + fromPrediction.Length);

    /// <summary>The Hausdorff distance: the farthest.</summary>
    public double Farthest => Math.Max(fromReference[^1], fromPrediction[^1]);

    /// <summary>The larger of the two directed percentiles, interpolated linearly.</summary>
    public double At(double percent) =>
        Math.Max(
            Percentile.Of<float>(fromReference, percent),
            Percentile.Of<float>(fromPrediction, percent)
        );

    /// <summary>The percentile of both directions together, interpolated linearly.</summary>
    public double PooledAt(double percent)
    {
        float[] pooled = [.. fromReference, .. fromPrediction];
        Array.Sort(pooled);
        return Percentile.Of<float>(pooled, percent);
    }

    /// <summary>The normalized surface Dice: the share of border voxels of both within a tolerance in mm.</summary>
    public double ShareWithin(double tolerance) =>
        (double)(CountWithin(fromReference, tolerance) + CountWithin(fromPrediction, tolerance))
        / (fromReference.Length + fromPrediction.Length);

    private static bool[] Border(bool[] mask, Size3 size)
    {
        var border = new bool[mask.Length];
        var (row, plane) = (size.X, size.X * size.Y);
        Parallel.For(
            0,
            size.Z,
            k =>
            {
                for (var j = 0; j < size.Y; j++)
                for (var i = 0; i < size.X; i++)
                {
                    var n = i + row * j + plane * k;
                    border[n] =
                        mask[n]
                        && !(
                            i > 0
                            && mask[n - 1]
                            && i < size.X - 1
                            && mask[n + 1]
                            && j > 0
                            && mask[n - row]
                            && j < size.Y - 1
                            && mask[n + row]
                            && k > 0
                            && mask[n - plane]
                            && k < size.Z - 1
                            && mask[n + plane]
                        );
                }
            }
        );
        return border;
    }

    private static float[] Directed(bool[] from, bool[] to, MaskPair pair)
    {
        var squared = DistanceTransform.Squared(to, pair.Size, pair.Spacing);
        List<float> distances = [];
        for (var i = 0; i < from.Length; i++)
            if (from[i])
                distances.Add(MathF.Sqrt(squared[i]));
        distances.Sort();
        return [.. distances];
    }

    private static int CountWithin(float[] sorted, double tolerance) =>
        sorted.Count(distance => distance <= tolerance + Rounding);
}
