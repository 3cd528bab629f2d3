using System.Numerics;

namespace KneeSeg.Evaluation;

/// <summary>Summary statistics of a measure over the cases where it is defined.</summary>
/// <param name="Mean">Null without such a case.</param>
/// <param name="Sd">The sample's standard deviation (n - 1); null with fewer than two.</param>
/// <param name="N">The number of cases where the measure is defined.</param>
/// <param name="Interval">The mean's 95 % interval by <see cref="Bootstrap" />; null with fewer than two.</param>
public sealed record SummaryStatistics(
    double? Mean,
    double? Sd,
    int N = 0,
    Interval? Interval = null
)
{
    /// <summary>Of the values that are not null.</summary>
    public static SummaryStatistics Of(IEnumerable<double?> values)
    {
        double[] defined = [.. values.OfType<double>()];
        if (defined.Length == 0)
            return new(null, null);
        var mean = defined.Average();
        var squares = defined.Sum(value => (value - mean) * (value - mean));
        double? sd = defined.Length > 1 ? Math.Sqrt(squares / (defined.Length - 1)) : null;
        return new(mean, sd, defined.Length, Bootstrap.Mean(defined));
    }
}

/// <summary>A confidence interval, in the unit of its measure.</summary>
/// <param name="Low">Its lower end.</param>
/// <param name="High">Its upper end.</param>
public sealed record Interval(double Low, double High);

/// <summary>
/// Bootstrap percentile intervals of a mean over cases (Efron and Tibshirani 1993). They do not apply to cases from another
/// distribution, and are too narrow for a handful of cases.
/// </summary>
internal static class Bootstrap
{
    private const int Resamples = 5000;
    private const long Seed = 1;

    /// <summary>
    /// The 95 % percentile interval of a mean, from 5,000 resamples.
    /// </summary>
    /// <param name="values">One per case, in any order; the interval is deterministic.</param>
    /// <returns>Null with fewer than two values.</returns>
    public static Interval? Mean(IReadOnlyList<double> values)
    {
        if (values.Count < 2)
            return null;
        double[] sorted = [.. values.Order()];
        var random = SplitMix64.At(Seed, sorted.Length);
        var means = new double[Resamples];
        foreach (ref var mean in means.AsSpan())
        {
            for (var draw = 0; draw < sorted.Length; draw++)
                mean += sorted[random.Below(sorted.Length)];
            mean /= sorted.Length;
        }
        Array.Sort(means);
        return new(Percentile.Of(means, 2.5), Percentile.Of(means, 97.5));
    }
}

/// <summary>Percentiles, linear between the two nearest values (Hyndman and Fan's seventh kind, numpy's default).</summary>
internal static class Percentile
{
    /// <summary>Of at least one value, in ascending order.</summary>
    public static T Of<T>(ReadOnlySpan<T> sorted, double percent)
        where T : IBinaryFloatingPointIeee754<T>
    {
        var place = percent / 100 * (sorted.Length - 1);
        var lower = (int)place;
        var upper = Math.Min(lower + 1, sorted.Length - 1);
        return sorted[lower] + T.CreateTruncating(place - lower) * (sorted[upper] - sorted[lower]);
    }
}
