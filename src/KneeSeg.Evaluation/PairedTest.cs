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

/// <summary>
/// The Wilcoxon signed-rank test of paired differences (Wilcoxon 1945).
/// </summary>
internal static class SignedRank
{
    private const int MostExact = 50;

    /// <summary>The two-sided p-value.</summary>
    /// <param name="differences">One per case. Zeros are excluded, as by Wilcoxon.</param>
    /// <returns>
    /// Exact for up to 50 differences, ties among them too; beyond, by the normal approximation corrected for ties. 1
    /// when all are 0; null when there are none.
    /// </returns>
    public static double? PValue(IReadOnlyList<double> differences)
    {
        if (differences.Count == 0)
            return null;
        double[] counted = [.. differences.Where(d => d != 0).OrderBy(Math.Abs)];
        if (counted.Length == 0)
            return 1;
        var ranks = DoubledRanks(counted);
        var positive = counted.Index().Sum(d => d.Item > 0 ? (long)ranks[d.Index] : 0);
        return counted.Length <= MostExact ? Exact(ranks, positive) : Approximate(ranks, positive);
    }

    // Ties share their mean rank, which may end in a half: doubled, ranks are whole numbers.
    private static int[] DoubledRanks(double[] bySize)
    {
        var ranks = new int[bySize.Length];
        for (var (from, to) = (0, 0); from < ranks.Length; from = to)
        {
            while (to < ranks.Length && Math.Abs(bySize[to]) == Math.Abs(bySize[from]))
                to++;
            ranks.AsSpan(from..to).Fill(from + 1 + to);
        }
        return ranks;
    }

    private static double Exact(int[] ranks, long positive)
    {
        // probabilities[s]: of a sum of positive ranks of s, over all signs.
        var probabilities = new double[ranks.Sum() + 1];
        probabilities[0] = 1;
        foreach (var rank in ranks)
            for (var sum = probabilities.Length - 1; sum >= 0; sum--)
                probabilities[sum] =
                    (probabilities[sum] + (sum >= rank ? probabilities[sum - rank] : 0)) / 2;
        var smaller = (int)Math.Min(positive, probabilities.Length - 1 - positive);
        return Math.Min(1, 2 * probabilities.Take(smaller + 1).Sum());
    }

    // The variance of a sum of ranks under random signs is a quarter of the sum of their squares, whatever the ties.
    private static double Approximate(int[] ranks, long positive)
    {
        var off = positive - ranks.Sum(rank => (double)rank) / 2;
        var deviation = Math.Sqrt(ranks.Sum(rank => (double)rank * rank) / 4);
        return NormalDistribution.TwoSided(off / deviation);
    }
}

/// <summary>The standard normal distribution.</summary>
internal static class NormalDistribution
{
    // Beyond this the continued fraction is more accurate than the series.
    private const double Far = 3;

    /// <summary>The probability of a value at least as far from 0 (Abramowitz and Stegun 1964, 26.2.11 and 26.2.14).</summary>
    public static double TwoSided(double z)
    {
        var x = Math.Abs(z);
        var density = Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
        return x < Far ? 1 - 2 * density * Series(x) : 2 * density / Fraction(x);
    }

    private static double Series(double x)
    {
        var (sum, term) = (x, x);
        for (var odd = 3; term > sum * 1e-17; odd += 2)
            sum += term *= x * x / odd;
        return sum;
    }

    private static double Fraction(double x)
    {
        var value = x;
        for (var n = 100; n > 0; n--)
            value = x + n / value;
        return value;
    }
}
