using System.Numerics.Tensors;

namespace KneeSeg.Imaging.Resampling;

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
