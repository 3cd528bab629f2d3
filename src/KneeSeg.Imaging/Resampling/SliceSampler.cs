using System.Numerics.Tensors;

namespace KneeSeg.Imaging.Resampling;

/// <summary>Interpolates one slice of a target grid at a time from voxels on a source grid.</summary>
internal abstract class SliceSampler
{
    /// <summary>Trilinear interpolation; <paramref name="outside" /> beyond the source's field of view.</summary>
    /// <param name="source">The source's slices; those that slice <paramref name="z" /> does not touch may be missing.</param>
    /// <param name="z">Which of the target's slices.</param>
    /// <param name="outside">The value beyond the source's field of view.</param>
    /// <param name="slice">Receives the result.</param>
    public abstract void Linear(
        ReadOnlyMemory<float>[] source,
        int z,
        float outside,
        Span<float> slice
    );

    /// <summary>The nearest voxel; <paramref name="outside" /> beyond the source's field of view.</summary>
    public abstract void Nearest<T>(ReadOnlySpan<T> source, int z, T outside, Span<T> slice);
}

/// <summary>Grids with parallel axes: first between two slices, then between two rows, then along the row.</summary>
internal sealed class ParallelSampler(Size3 source, AxisSampling x, AxisSampling y, AxisSampling z)
    : SliceSampler
{
    /// <inheritdoc />
    public override void Linear(
        ReadOnlyMemory<float>[] slices,
        int slice,
        float outside,
        Span<float> result
    )
    {
        if (z.Lower[slice] < 0)
        {
            result.Fill(outside);
            return;
        }
        var lower = slices[z.Lower[slice]].Span;
        var upper = slices[z.Upper[slice]].Span;
        var between = z.Weight[slice];
        Span<float> first = new float[source.X];
        Span<float> second = new float[source.X];
        var rows = result.Length / x.Lower.Length;
        for (var j = 0; j < rows; j++)
        {
            var row = result.Slice(j * x.Lower.Length, x.Lower.Length);
            if (y.Lower[j] < 0)
            {
                row.Fill(outside);
                continue;
            }
            Blend(Row(lower, y.Lower[j]), Row(upper, y.Lower[j]), between, first);
            if (y.Weight[j] > 0)
            {
                Blend(Row(lower, y.Upper[j]), Row(upper, y.Upper[j]), between, second);
                Blend(first, second, y.Weight[j], first);
            }
            for (var i = 0; i < row.Length; i++)
                row[i] =
                    x.Lower[i] < 0
                        ? outside
                        : Blend(first[x.Lower[i]], first[x.Upper[i]], x.Weight[i]);
        }
    }

    /// <inheritdoc />
    public override void Nearest<T>(ReadOnlySpan<T> voxels, int slice, T outside, Span<T> result)
    {
        var columns = x.Lower.Length;
        for (var n = 0; n < result.Length; n++)
        {
            var (i, j) = (n % columns, n / columns);
            var isInside = x.Lower[i] >= 0 && y.Lower[j] >= 0 && z.Lower[slice] >= 0;
            result[n] = isInside
                ? voxels[
                    x.NearestAt(i) + source.X * (y.NearestAt(j) + source.Y * z.NearestAt(slice))
                ]
                : outside;
        }
    }

    private ReadOnlySpan<float> Row(ReadOnlySpan<float> plane, int j) =>
        plane.Slice(j * source.X, source.X);

    private static void Blend(
        ReadOnlySpan<float> a,
        ReadOnlySpan<float> b,
        float weight,
        Span<float> result
    )
    {
        if (weight == 0)
            a.CopyTo(result);
        else
            TensorPrimitives.Lerp(a, b, weight, result);
    }

    private static float Blend(float a, float b, float weight) =>
        weight == 0 ? a : a + weight * (b - a);
}

/// <summary>Grids at any angle: every voxel is mapped on its own.</summary>
internal sealed class ObliqueSampler(Size3 source, Size3 target, Affine toSource) : SliceSampler
{
    /// <inheritdoc />
    public override void Linear(
        ReadOnlyMemory<float>[] slices,
        int z,
        float outside,
        Span<float> slice
    )
    {
        for (var n = 0; n < slice.Length; n++)
            slice[n] =
                toSource.Apply(n % target.X, n / target.X, z) is var index && IsInside(index)
                    ? Interpolate(slices, index)
                    : outside;
    }

    /// <inheritdoc />
    public override void Nearest<T>(ReadOnlySpan<T> voxels, int z, T outside, Span<T> slice)
    {
        for (var n = 0; n < slice.Length; n++)
        {
            var index = toSource.Apply(n % target.X, n / target.X, z);
            slice[n] = IsInside(index)
                ? voxels[
                    Whole(index.X, source.X)
                        + source.X
                            * (Whole(index.Y, source.Y) + source.Y * Whole(index.Z, source.Z))
                ]
                : outside;
        }
    }

    private bool IsInside(Point3 index) =>
        AxisSampling.IsInside(index.X, source.X)
        && AxisSampling.IsInside(index.Y, source.Y)
        && AxisSampling.IsInside(index.Z, source.Z);

    private static int Whole(double index, int size) =>
        Math.Clamp((int)Math.Floor(AxisSampling.Snapped(index) + 0.5), 0, size - 1);

    private float Interpolate(ReadOnlyMemory<float>[] slices, Point3 index)
    {
        var x = Neighbors(index.X, source.X);
        var (j0, j1, y) = Neighbors(index.Y, source.Y);
        var (k0, k1, z) = Neighbors(index.Z, source.Z);
        var before = slices[k0].Span;
        var after = slices[k1].Span;
        var lower = Blend(Along(before, x, j0), Along(before, x, j1), y);
        var upper = Blend(Along(after, x, j0), Along(after, x, j1), y);
        return Blend(lower, upper, z);
    }

    private float Along(ReadOnlySpan<float> plane, (int Lower, int Upper, float Weight) x, int j) =>
        Blend(plane[source.X * j + x.Lower], plane[source.X * j + x.Upper], x.Weight);

    private static (int Lower, int Upper, float Weight) Neighbors(double index, int size)
    {
        var clamped = Math.Clamp(AxisSampling.Snapped(index), 0, size - 1);
        var lower = (int)clamped;
        return (lower, Math.Min(lower + 1, size - 1), (float)(clamped - lower));
    }

    private static float Blend(float a, float b, float weight) =>
        weight == 0 ? a : a + weight * (b - a);
}
