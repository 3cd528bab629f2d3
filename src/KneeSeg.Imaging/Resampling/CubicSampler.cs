using System.Numerics.Tensors;

namespace KneeSeg.Imaging.Resampling;

/// <summary>Images by cubic B-splines: one axis after the other where grids are parallel, all at once where they are not.</summary>
internal static class CubicSampler
{
    private const int Lanes = 1 << 12;

    /// <summary>Grids with parallel axes in the same order.</summary>
    /// <param name="voxels">Of the source.</param>
    /// <param name="size">The source's.</param>
    /// <param name="axes">What the target's three axes are made of.</param>
    /// <param name="outside">The value beyond the source's field of view.</param>
    public static float[] Parallel(float[] voxels, Size3 size, SplineAxis[] axes, float outside)
    {
        int[] counts = [size.X, size.Y, size.Z];
        // The axis that shrinks most comes first, since it leaves the least to do.
        foreach (var axis in Enumerable.Range(0, 3).OrderBy(Growth))
        {
            var (inner, outer) = (1, 1);
            for (var other = 0; other < 3; other++)
                if (other < axis)
                    inner *= counts[other];
                else if (other > axis)
                    outer *= counts[other];
            voxels = Along(voxels, axes[axis], outer, counts[axis], inner);
            counts[axis] = axes[axis].Taps.Length;
        }
        FillOutside(voxels, axes, outside);
        return voxels;

        double Growth(int axis) => (double)axes[axis].Taps.Length / counts[axis];
    }

    /// <summary>Grids at any angle.</summary>
    public static float[] Oblique(
        float[] voxels,
        Size3 source,
        Size3 target,
        Affine toSource,
        float outside
    )
    {
        var spline = voxels.ToArray();
        SplineFilter.Apply(spline, source.Y * source.Z, source.X, 1);
        SplineFilter.Apply(spline, source.Z, source.Y, source.X);
        SplineFilter.Apply(spline, 1, source.Z, source.X * source.Y);
        var result = GC.AllocateUninitializedArray<float>(checked((int)target.Count));
        System.Threading.Tasks.Parallel.For(
            0,
            target.Z,
            k =>
            {
                var at = k * target.X * target.Y;
                for (var j = 0; j < target.Y; j++)
                for (var i = 0; i < target.X; i++)
                {
                    var index = toSource.Apply(i, j, k);
                    result[at++] =
                        AxisSampling.IsInside(index.X, source.X)
                        && AxisSampling.IsInside(index.Y, source.Y)
                        && AxisSampling.IsInside(index.Z, source.Z)
                            ? Sum(spline, source, index)
                            : outside;
                }
            }
        );
        return result;
    }

    private static float Sum(float[] spline, Size3 size, Point3 index)
    {
        var x = SplineAxis.At(index.X, size.X);
        var y = SplineAxis.At(index.Y, size.Y);
        var z = SplineAxis.At(index.Z, size.Z);
        var sum = 0f;
        for (var c = 0; c < 4; c++)
        for (var b = 0; b < 4; b++)
        {
            var row = size.X * (y.Source(b) + size.Y * z.Source(c));
            var line = 0f;
            for (var a = 0; a < 4; a++)
                line += x.Weight(a) * spline[row + x.Source(a)];
            sum += z.Weight(c) * y.Weight(b) * line;
        }
        return sum;
    }

    private static float[] Along(float[] voxels, SplineAxis axis, int outer, int count, int inner)
    {
        if (axis.IsIdentity)
            return voxels;
        var targets = axis.Taps.Length;
        var result = GC.AllocateUninitializedArray<float>(checked(outer * targets * inner));
        var spline = voxels;
        if (!axis.IsWhole || axis.Extension > 0)
            spline = Extended(voxels, axis.Extension, outer, count, inner);
        count += 2 * axis.Extension;
        if (!axis.IsWhole)
            SplineFilter.Apply(spline, outer, count, inner);
        var chunks = (inner + Lanes - 1) / Lanes;
        System.Threading.Tasks.Parallel.For(
            0,
            outer * chunks,
            at =>
            {
                var first = at % chunks * Lanes;
                var from = at / chunks * count * inner + first;
                var to = at / chunks * targets * inner + first;
                if (inner == 1)
                    Line(axis, spline.AsSpan(from, count), result.AsSpan(to, targets));
                else
                    Lines(axis, spline, from, result, to, inner, Math.Min(Lanes, inner - first));
            }
        );
        return result;
    }

    // A copy in which the first and the last voxel along the axis are repeated so often.
    private static float[] Extended(float[] voxels, int by, int outer, int count, int inner)
    {
        var all = count + 2 * by;
        var result = GC.AllocateUninitializedArray<float>(checked(outer * all * inner));
        for (var block = 0; block < outer; block++)
        for (var i = 0; i < all; i++)
            voxels
                .AsSpan((block * count + Math.Clamp(i - by, 0, count - 1)) * inner, inner)
                .CopyTo(result.AsSpan((block * all + i) * inner, inner));
        return result;
    }

    private static void Line(SplineAxis axis, ReadOnlySpan<float> spline, Span<float> result)
    {
        for (var i = 0; i < result.Length; i++)
        {
            var tap = axis.Taps[i];
            result[i] = axis.IsWhole
                ? spline[tap.Middle]
                : tap.Weight(0) * spline[tap.Source(0)]
                    + tap.Weight(1) * spline[tap.Source(1)]
                    + tap.Weight(2) * spline[tap.Source(2)]
                    + tap.Weight(3) * spline[tap.Source(3)];
        }
    }

    private static void Lines(
        SplineAxis axis,
        float[] spline,
        int from,
        float[] result,
        int to,
        int inner,
        int lanes
    )
    {
        for (var i = 0; i < axis.Taps.Length; i++)
        {
            var tap = axis.Taps[i];
            var row = result.AsSpan(to + i * inner, lanes);
            if (axis.IsWhole)
            {
                spline.AsSpan(from + tap.Middle * inner, lanes).CopyTo(row);
                continue;
            }
            row.Clear();
            for (var t = 0; t < 4; t++)
                TensorPrimitives.MultiplyAdd(
                    spline.AsSpan(from + tap.Source(t) * inner, lanes),
                    tap.Weight(t),
                    row,
                    row
                );
        }
    }

    private static void FillOutside(float[] voxels, SplineAxis[] axes, float outside)
    {
        var (x, y, z) = (axes[0].IsInside, axes[1].IsInside, axes[2].IsInside);
        if (Array.TrueForAll(axes, axis => Array.TrueForAll(axis.IsInside, inside => inside)))
            return;
        for (var k = 0; k < z.Length; k++)
        for (var j = 0; j < y.Length; j++)
        {
            var row = voxels.AsSpan((k * y.Length + j) * x.Length, x.Length);
            for (var i = 0; i < x.Length; i++)
                if (!z[k] || !y[j] || !x[i])
                    row[i] = outside;
        }
    }
}
