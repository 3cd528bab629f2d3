namespace KneeSeg.Evaluation;

/// <summary>
/// The values of a map, such as T2, in a structure. Voxels without a value take no part: those where the map is not finite,
/// those where it is exactly 0, which is how maps mark that nothing was fitted, and those beyond the map.
/// </summary>
/// <param name="Voxels">How many voxels have a value.</param>
/// <param name="NonFinite">Left out, because the map is not finite there.</param>
/// <param name="Zero">Left out, because the map is 0 there.</param>
/// <param name="Outside">Left out, because they lie beyond the map.</param>
/// <param name="Mean">The mean over voxels; null without any.</param>
/// <param name="Sd">The standard deviation over voxels (n - 1); null with fewer than two.</param>
/// <param name="Median">The median; null without any.</param>
/// <param name="Histogram">How many voxels are in each of the map's bins.</param>
public sealed record MapStatistics(
    long Voxels,
    long NonFinite,
    long Zero,
    long Outside,
    double? Mean,
    double? Sd,
    double? Median,
    IReadOnlyList<long> Histogram
);

/// <summary>The bins of a map's histograms, the same for all structures and cases.</summary>
/// <param name="Start">The lower edge of the first bin, which also has all that is below.</param>
/// <param name="Width">How wide a bin is.</param>
/// <param name="Count">How many there are; the last one also has all that is above.</param>
public sealed record HistogramBins(double Start, double Width, int Count)
{
    private const int About = 20;

    /// <summary>About 20 bins of a round width, over the 1st to the 99th percentile of values.</summary>
    internal static HistogramBins Of(float[] values)
    {
        if (values is [])
            return new(0, 1, 1);
        float[] sorted = [.. values.Order()];
        var (low, high) = (sorted[sorted.Length / 100], sorted[^(1 + sorted.Length / 100)]);
        var width = Round((high - low) / (double)About);
        var start = Math.Floor(low / width);
        return new(start * width, width, 1 + (int)(Math.Floor(high / width) - start));
    }

    /// <summary>Counts values.</summary>
    internal long[] Counts(IEnumerable<float> values)
    {
        var counts = new long[Count];
        foreach (var value in values)
            counts[(int)Math.Clamp(Math.Floor((value - Start) / Width), 0, Count - 1)]++;
        return counts;
    }

    // 1, 2 or 5 times a power of 10, the next above.
    private static double Round(double width)
    {
        if (width <= 0)
            return 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(width)));
        return power
            * (width / power) switch
            {
                <= 1 => 1,
                <= 2 => 2,
                <= 5 => 5,
                _ => 10,
            };
    }
}

/// <summary>The values of a map in one structure or region of a case.</summary>
internal sealed class MapValues
{
    private long nonFinite;
    private long zero;
    private long outside;

    /// <summary>The values in the order of voxels.</summary>
    public List<float> Values { get; } = [];

    /// <summary>Adds the value of a voxel; null beyond the map.</summary>
    public void Add(float? value)
    {
        if (value is not { } number)
            outside++;
        else if (!float.IsFinite(number))
            nonFinite++;
        else if (number == 0)
            zero++;
        else
            Values.Add(number);
    }

    /// <summary>Their statistics.</summary>
    public MapStatistics In(HistogramBins bins)
    {
        var n = Values.Count;
        double? mean = n > 0 ? Values.Average(value => (double)value) : null;
        float[] sorted = [.. Values.Order()];
        return new(
            n,
            nonFinite,
            zero,
            outside,
            mean,
            n > 1
                ? Math.Sqrt(Values.Sum(x => (x - mean!.Value) * (x - mean.Value)) / (n - 1))
                : null,
            n > 0 ? (sorted[(n - 1) / 2] + (double)sorted[n / 2]) / 2 : null,
            bins.Counts(Values)
        );
    }
}
