using System.Runtime.InteropServices;

namespace KneeSeg.Data.Preprocessing;

/// <summary>Normalizes intensities by a <see cref="NormalizationMethod"/>.</summary>
internal static class IntensityNormalization
{
    // The clipping value of the published runs.
    private const float Constant = 0.01f;

    /// <summary>Normalizes intensities in place.</summary>
    /// <param name="voxels">The image's.</param>
    /// <param name="method">The method.</param>
    /// <param name="lowPercentile">Where <see cref="NormalizationMethod.Percentiles"/> clips, 0 to 100.</param>
    /// <param name="highPercentile">Likewise.</param>
    public static void Apply(
        float[] voxels,
        NormalizationMethod method,
        double lowPercentile,
        double highPercentile
    )
    {
        switch (method)
        {
            case NormalizationMethod.ZScore:
                var whole = Moments(voxels, float.NegativeInfinity, float.PositiveInfinity);
                Scale(voxels, whole.Low, whole.High, whole.Mean, whole.Deviation);
                break;
            case NormalizationMethod.Constant:
                var before = Moments(voxels, float.NegativeInfinity, float.PositiveInfinity);
                var after = Moments(voxels, float.NegativeInfinity, Constant);
                Scale(voxels, before.Low, Constant, before.Mean, after.Deviation);
                break;
            default:
                var low = OrderStatistic.Percentile(voxels, lowPercentile);
                var high = OrderStatistic.Percentile(voxels, highPercentile);
                var cut = Moments(voxels, low, high);
                Scale(voxels, low, high, cut.Mean, cut.Deviation);
                break;
        }
    }

    private static (float Low, float High, double Mean, double Deviation) Moments(
        float[] voxels,
        float from,
        float to
    )
    {
        var (low, high) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (var value in voxels)
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        (low, high) = (Math.Clamp(low, from, to), Math.Clamp(high, from, to));
        var (sum, squares) = (0.0, 0.0);
        foreach (var value in voxels)
        {
            // Around the low end, so that the squares of large values lose no digits.
            double above = Math.Clamp(value, low, high) - low;
            sum += above;
            squares += above * above;
        }
        var mean = sum / voxels.Length;
        var variance = Math.Max(0, squares / voxels.Length - mean * mean);
        return (low, high, low + mean, Math.Sqrt(variance));
    }

    private static void Scale(float[] voxels, float low, float high, double mean, double deviation)
    {
        // A constant image has no contrast to scale.
        var scale = deviation > 0 ? 1 / deviation : 1;
        foreach (ref var value in voxels.AsSpan())
            value = (float)((Math.Clamp(value, low, high) - mean) * scale);
    }
}

/// <summary>How intensities are normalized.</summary>
public enum NormalizationMethod
{
    /// <summary>Clip to two percentiles, then z-score.</summary>
    Percentiles,

    /// <summary>Z-score: mean 0 and standard deviation 1.</summary>
    ZScore,

    /// <summary>
    /// As in the published knee tables: values are clipped at 0.01, which suits only the challenge's tiny floats; the mean is
    /// taken before, the standard deviation after clipping.
    /// </summary>
    Constant,
}

/// <summary>
/// Exact order statistics in two passes: floats sort like their bits, so the upper half of the bits selects the bin and the
/// lower half the value.
/// </summary>
internal static class OrderStatistic
{
    private const int Half = 1 << 16;

    /// <summary>A percentile.</summary>
    /// <param name="values">At least one.</param>
    /// <param name="percentile">0 (minimum) to 100 (maximum).</param>
    public static float Percentile(ReadOnlySpan<float> values, double percentile)
    {
        var rank = (int)Math.Round(percentile / 100 * (values.Length - 1));
        var bits = MemoryMarshal.Cast<float, uint>(values);
        var counts = new int[Half];
        foreach (var value in bits)
            counts[Sortable(value) >> 16]++;
        var upper = Bin(counts, ref rank);
        counts.AsSpan().Clear();
        foreach (var value in bits)
            if (Sortable(value) >> 16 == upper)
                counts[Sortable(value) & (Half - 1)]++;
        return Number(upper << 16 | Bin(counts, ref rank));
    }

    private static uint Bin(ReadOnlySpan<int> counts, ref int rank)
    {
        var bin = 0;
        while (rank >= counts[bin])
            rank -= counts[bin++];
        return (uint)bin;
    }

    // Negative floats sort backwards, and below the positive ones.
    private static uint Sortable(uint bits) => bits ^ ((uint)((int)bits >> 31) | 0x8000_0000);

    private static float Number(uint sortable) =>
        BitConverter.UInt32BitsToSingle(sortable >> 31 == 1 ? sortable ^ 0x8000_0000 : ~sortable);
}
