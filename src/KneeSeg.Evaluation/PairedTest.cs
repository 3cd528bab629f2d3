using MathNet.Numerics.Distributions;

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
            SignedRank.Of(differences)?.P
        );
    }
}

/// <summary>
/// The Wilcoxon signed-rank test of paired differences (Wilcoxon 1945).
/// </summary>
/// <param name="W">The smaller of the two sums of ranks, of positive and of negative differences.</param>
/// <param name="P">The two-sided p-value.</param>
internal sealed record SignedRank(double W, double P)
{
    private const int MostExact = 50;

    // Differences of decimal numbers that are equal on paper differ by rounding.
    private const int Digits = 10;

    /// <summary>Tests differences.</summary>
    /// <param name="differences">One per case. Zeros are excluded, as by Wilcoxon.</param>
    /// <returns>
    /// Exact for up to 50 differences, ties among them too; beyond, by the normal approximation corrected for ties. p is 1
    /// when all are 0; null when there are none.
    /// </returns>
    public static SignedRank? Of(IEnumerable<double> differences)
    {
        double[] all = [.. differences.Select(difference => Math.Round(difference, Digits))];
        if (all.Length == 0)
            return null;
        double[] counted = [.. all.Where(d => d != 0).OrderBy(Math.Abs)];
        if (counted.Length == 0)
            return new(0, 1);
        var ranks = DoubledRanks(counted);
        var positive = counted.Index().Sum(d => d.Item > 0 ? (long)ranks[d.Index] : 0);
        var smaller = Math.Min(positive, ranks.Sum(rank => (long)rank) - positive);
        return new(
            smaller / 2.0,
            counted.Length <= MostExact ? Exact(ranks, (int)smaller) : Approximate(ranks, smaller)
        );
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

    private static double Exact(int[] ranks, int smaller)
    {
        // probabilities[s]: of a sum of positive ranks of s, over all signs.
        var probabilities = new double[ranks.Sum() + 1];
        probabilities[0] = 1;
        foreach (var rank in ranks)
            for (var sum = probabilities.Length - 1; sum >= 0; sum--)
                probabilities[sum] =
                    (probabilities[sum] + (sum >= rank ? probabilities[sum - rank] : 0)) / 2;
        return Math.Min(1, 2 * probabilities.Take(smaller + 1).Sum());
    }

    // The variance of a sum of ranks under random signs is a quarter of the sum of their squares, whatever the ties.
    private static double Approximate(int[] ranks, long smaller)
    {
        var below = smaller - ranks.Sum(rank => (double)rank) / 2;
        var deviation = Math.Sqrt(ranks.Sum(rank => (double)rank * rank) / 4);
        return 2 * Normal.CDF(0, 1, below / deviation);
    }
}
