namespace KneeSeg.Evaluation;

/// <summary>
/// How far a mean over cases could be off, had other cases of the same kind been drawn (Efron and Tibshirani 1993,
/// the percentile interval). It tells nothing about cases of another kind, and is too narrow for a handful of them.
/// </summary>
public static class Bootstrap
{
    private const int Resamples = 5000;
    private const long Seed = 1;

    /// <summary>
    /// The 95 % interval of a mean: the middle of the means of 5,000 sets of as many values, drawn with replacement.
    /// </summary>
    /// <param name="values">One a case, in any order: the same values always give the same interval.</param>
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
