namespace KneeSeg.Evaluation;

/// <summary>
/// Bootstrap percentile intervals of a mean over cases (Efron and Tibshirani 1993). They do not apply to cases from another
/// distribution, and are too narrow for a handful of cases.
/// </summary>
public static class Bootstrap
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
