namespace KneeSeg.Evaluation;

/// <summary>A paired test of a measure by two systems on the same cases.</summary>
/// <param name="N">Cases that both have.</param>
/// <param name="Difference">The mean of second - first over them; null without any.</param>
/// <param name="Interval">Its 95 % interval by <see cref="Bootstrap" />; null with fewer than two.</param>
/// <param name="P">The two-sided p-value by <see cref="SignedRank" />; null without any case.</param>
public sealed record PairedTest(int N, double? Difference, Interval? Interval, double? P)
{
    /// <summary>Tests one pair of values per case.</summary>
    public static PairedTest Of(IEnumerable<(double First, double Second)> cases)
    {
        double[] differences = [.. cases.Select(one => one.Second - one.First)];
        return new(
            differences.Length,
            differences.Length > 0 ? differences.Average() : null,
            Bootstrap.Mean(differences),
            SignedRank.PValue(differences)
        );
    }
}
