namespace KneeSeg.Evaluation;

/// <summary>
/// The Wilcoxon signed-rank test of paired differences (Wilcoxon 1945).
/// </summary>
public static class SignedRank
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
