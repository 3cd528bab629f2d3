namespace KneeSeg.Imaging.Morphology;

/// <summary>
/// Exact Euclidean distances between voxel centers on grids with axes at right angles, by the lower envelope of
/// parabolas, an axis at a time (Felzenszwalb and Huttenlocher 2012).
/// </summary>
public static class DistanceTransform
{
    // Neighboring columns share cache lines, so they are taken together.
    private const int Columns = 16;

    /// <summary>The squared distance in mm² from each voxel to the nearest one in the set.</summary>
    /// <param name="isInSet">For each voxel, the first axis fastest, whether it is in the set.</param>
    /// <param name="size">Voxels along each axis.</param>
    /// <param name="spacing">Millimeters from voxel to voxel along each axis.</param>
    /// <returns>0 in the set; infinite everywhere when the set is empty.</returns>
    public static float[] Squared(ReadOnlySpan<bool> isInSet, Size3 size, Spacing3 spacing)
    {
        var squared = GC.AllocateUninitializedArray<float>(isInSet.Length);
        for (var i = 0; i < isInSet.Length; i++)
            squared[i] = isInSet[i] ? 0 : float.PositiveInfinity;

        Parallel.For(
            0,
            size.Y * size.Z,
            row => AlongRow(squared.AsSpan(row * size.X, size.X), spacing.X)
        );
        var plane = size.X * size.Y;
        AlongColumns(squared, size.Z, plane, size.X, size.X, size.Y, spacing.Y);
        AlongColumns(squared, size.Y, size.X, size.X, plane, size.Z, spacing.Z);
        return squared;
    }

    // The input is 0 or infinite, so counting steps from both ends is enough.
    private static void AlongRow(Span<float> row, double spacing)
    {
        var steps = float.PositiveInfinity;
        for (var i = 0; i < row.Length; i++)
            row[i] = steps = row[i] == 0 ? 0 : steps + 1;
        steps = float.PositiveInfinity;
        for (var i = row.Length - 1; i >= 0; i--)
        {
            steps = row[i] == 0 ? 0 : steps + 1;
            var millimeters = spacing * Math.Min(row[i], steps);
            row[i] = (float)(millimeters * millimeters);
        }
    }

    /// <param name="values">All voxels.</param>
    /// <param name="slabs">How many slabs can be worked on independently.</param>
    /// <param name="slabStride">Voxels from slab to slab.</param>
    /// <param name="width">Columns in a slab, next to each other.</param>
    /// <param name="stride">Voxels from one to the next along a column.</param>
    /// <param name="length">Voxels of a column.</param>
    /// <param name="spacing">Millimeters between them.</param>
    private static void AlongColumns(
        float[] values,
        int slabs,
        int slabStride,
        int width,
        int stride,
        int length,
        double spacing
    ) =>
        Parallel.For(
            0,
            slabs,
            () => new Envelope(length, spacing * spacing),
            (slab, _, envelope) =>
            {
                Span<float> tile = new float[Columns * length];
                for (var first = 0; first < width; first += Columns)
                {
                    var columns = Math.Min(Columns, width - first);
                    var start = slab * slabStride + first;
                    for (var i = 0; i < length; i++)
                    for (var c = 0; c < columns; c++)
                        tile[c * length + i] = values[start + i * stride + c];
                    for (var c = 0; c < columns; c++)
                        envelope.Transform(tile.Slice(c * length, length));
                    for (var i = 0; i < length; i++)
                    for (var c = 0; c < columns; c++)
                        values[start + i * stride + c] = tile[c * length + i];
                }
                return envelope;
            },
            _ => { }
        );

    /// <summary>The lower envelope of the parabolas that stand on a column's values.</summary>
    private sealed class Envelope(int length, double squaredSpacing)
    {
        private readonly int[] vertices = new int[length];
        private readonly double[] heights = new double[length];
        private readonly double[] starts = new double[length];

        /// <summary>Replaces each value by the minimum over positions of (distance to it)² + its value.</summary>
        public void Transform(Span<float> column)
        {
            // No parabola reaches past a position of height 0, so runs between two of them are independent: thin
            // structures cost little.
            for (var i = 0; i < column.Length; i++)
            {
                if (column[i] == 0)
                    continue;
                var start = Math.Max(0, i - 1);
                while (i < column.Length && column[i] != 0)
                    i++;
                TransformRun(column[start..Math.Min(i + 1, column.Length)]);
            }
        }

        private void TransformRun(Span<float> run)
        {
            var count = 0;
            for (var i = 0; i < run.Length; i++)
            {
                if (float.IsPositiveInfinity(run[i]))
                    continue;
                var start = double.NegativeInfinity;
                while (count > 0 && (start = Crossing(count - 1, i, run[i])) <= starts[count - 1])
                    count--;
                if (count == 0)
                    start = double.NegativeInfinity;
                (vertices[count], heights[count], starts[count]) = (i, run[i], start);
                count++;
            }
            if (count == 0)
                return;
            for (int i = 0, lowest = 0; i < run.Length; i++)
            {
                while (lowest + 1 < count && starts[lowest + 1] < i)
                    lowest++;
                double apart = i - vertices[lowest];
                run[i] = (float)(apart * apart * squaredSpacing + heights[lowest]);
            }
        }

        // Where the parabola at position i falls below an earlier one.
        private double Crossing(int earlier, int i, double height)
        {
            double vertex = vertices[earlier];
            var rise = (height - heights[earlier]) / squaredSpacing;
            return (rise + (double)i * i - vertex * vertex) / (2 * (i - vertex));
        }
    }
}
