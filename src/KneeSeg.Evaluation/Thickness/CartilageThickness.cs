using KneeSeg.Imaging;

namespace KneeSeg.Evaluation;

/// <summary>
/// How thick a sheet such as cartilage is, without a bone to measure from: twice the distance to the outside, along
/// the ridge of that distance in the sheet's middle.
/// </summary>
public static class CartilageThickness
{
    // Sums of the same three squares in another order differ by less.
    private const float Rounding = 1e-6f;

    /// <summary>The mean thickness in mm over the ridge.</summary>
    /// <param name="mask">For each voxel, the first axis fastest, whether it is in the sheet.</param>
    /// <param name="size">Voxels along each axis.</param>
    /// <param name="spacing">Millimetres from voxel to voxel along each axis.</param>
    /// <returns>Null for an empty mask.</returns>
    public static double? Mean(bool[] mask, Size3 size, Spacing3 spacing)
    {
        // Doubled, every sheet is an even number of voxels thick: two middle layers, whose distance to the nearest
        // centre outside is exactly half of the thickness.
        var (doubled, outside) = DoubledOutside(mask, size);
        var squared = DistanceTransform.Squared(
            outside,
            doubled,
            new(spacing.X / 2, spacing.Y / 2, spacing.Z / 2)
        );
        var sums = new double[doubled.Z];
        var counts = new long[doubled.Z];
        // Slices add up in their own order at the end, so that threads don't change the last digit.
        Parallel.For(1, doubled.Z - 1, k => (sums[k], counts[k]) = RidgeOf(squared, doubled, k));
        return counts.Sum() is var count and > 0 ? 2 * sums.Sum() / count : null;
    }

    private static (Size3 Size, bool[] Outside) DoubledOutside(bool[] mask, Size3 size)
    {
        Size3 doubled = new(2 * size.X + 2, 2 * size.Y + 2, 2 * size.Z + 2);
        var outside = new bool[doubled.Count];
        Array.Fill(outside, true);
        Parallel.For(
            0,
            2 * size.Z,
            k =>
            {
                for (var j = 0; j < 2 * size.Y; j++)
                {
                    var row = mask.AsSpan(size.X * (j / 2 + size.Y * (k / 2)), size.X);
                    var start = 1 + doubled.X * (j + 1 + doubled.Y * (k + 1));
                    for (var i = 0; i < row.Length; i++)
                        outside[start + 2 * i] = outside[start + 2 * i + 1] = !row[i];
                }
            }
        );
        return (doubled, outside);
    }

    private static (double Sum, long Count) RidgeOf(float[] squared, Size3 size, int k)
    {
        var (sum, count) = (0.0, 0L);
        var (row, plane) = (size.X, size.X * size.Y);
        for (var j = 1; j < size.Y - 1; j++)
        for (var i = 1; i < size.X - 1; i++)
        {
            var n = i + row * j + plane * k;
            if (squared[n] == 0 || !IsHighest(squared, n, row, plane))
                continue;
            sum += Math.Sqrt(squared[n]);
            count++;
        }
        return (sum, count);
    }

    private static bool IsHighest(float[] squared, int n, int row, int plane)
    {
        var enough = squared[n] * (1 + Rounding);
        for (var dk = -plane; dk <= plane; dk += plane)
        for (var dj = -row; dj <= row; dj += row)
        for (var di = -1; di <= 1; di++)
            if (squared[n + dk + dj + di] > enough)
                return false;
        return true;
    }
}
