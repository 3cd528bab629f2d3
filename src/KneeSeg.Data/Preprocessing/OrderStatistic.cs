using System.Runtime.InteropServices;

namespace KneeSeg.Data.Preprocessing;

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
