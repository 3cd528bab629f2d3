using System.Numerics.Tensors;

namespace KneeSeg.Imaging.Resampling;

/// <summary>
/// From voxels to the coefficients of the cubic B-spline through them, along one axis, mirrored at the edges: two
/// recursive passes (Unser, IEEE Signal Processing Magazine 1999). As in scipy.ndimage at order 3.
/// </summary>
internal static class SplineFilter
{
    private const int Lanes = 1 << 12;
    private const float Gain = 6;
    private static readonly float Pole = MathF.Sqrt(3) - 2;

    // The pole's power beyond which float32 has no digit left.
    private const int Horizon = 16;

    /// <summary>Filters an array in place.</summary>
    /// <param name="values">[outer, count, inner], the last fastest.</param>
    /// <param name="outer">Blocks of lines.</param>
    /// <param name="count">Along the axis.</param>
    /// <param name="inner">Lines that lie side by side.</param>
    public static void Apply(float[] values, int outer, int count, int inner)
    {
        // A single voxel is its own spline.
        if (count == 1)
            return;
        var chunks = (inner + Lanes - 1) / Lanes;
        Parallel.For(
            0,
            outer * chunks,
            at =>
            {
                var first = at % chunks * Lanes;
                var start = at / chunks * count * inner + first;
                var lanes = Math.Min(Lanes, inner - first);
                if (inner == 1)
                    Line(values.AsSpan(start, count));
                else
                    Lines(values, start, count, inner, lanes);
            }
        );
    }

    private static void Line(Span<float> line)
    {
        var last = line.Length - 1;
        var first = 0f;
        for (var k = last; k >= 0; k--)
            first += Start(k, line.Length) * line[k];
        line[0] = Gain * first;
        for (var k = 1; k <= last; k++)
            line[k] = Gain * line[k] + Pole * line[k - 1];
        line[last] = End * (line[last] + Pole * line[last - 1]);
        for (var k = last - 1; k >= 0; k--)
            line[k] = Pole * (line[k + 1] - line[k]);
    }

    private static void Lines(float[] values, int start, int count, int inner, int lanes)
    {
        Span<float> Row(int k) => values.AsSpan(start + k * inner, lanes);
        Span<float> first = new float[lanes];
        for (var k = 0; k < count; k++)
            if (Start(k, count) is var weight and not 0)
                TensorPrimitives.MultiplyAdd(Row(k), Gain * weight, first, first);
        first.CopyTo(Row(0));
        for (var k = 1; k < count; k++)
        {
            TensorPrimitives.Multiply(Row(k), Gain, Row(k));
            TensorPrimitives.MultiplyAdd(Row(k - 1), Pole, Row(k), Row(k));
        }
        TensorPrimitives.MultiplyAdd(Row(count - 2), Pole, Row(count - 1), Row(count - 1));
        TensorPrimitives.Multiply(Row(count - 1), End, Row(count - 1));
        for (var k = count - 2; k >= 0; k--)
        {
            TensorPrimitives.Subtract(Row(k + 1), Row(k), Row(k));
            TensorPrimitives.Multiply(Row(k), Pole, Row(k));
        }
    }

    private static float End => Pole / (Pole * Pole - 1);

    // What a sample adds to the first value of the causal pass, over all its mirror images.
    private static float Start(int k, int count)
    {
        var period = 2 * count - 2;
        var near = k <= Horizon ? MathF.Pow(Pole, k) : 0;
        var far = k > 0 && k < count - 1 && period - k <= Horizon ? MathF.Pow(Pole, period - k) : 0;
        var all = period <= Horizon ? 1 - MathF.Pow(Pole, period) : 1;
        return (near + far) / all;
    }
}
