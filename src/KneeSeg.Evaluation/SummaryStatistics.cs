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
