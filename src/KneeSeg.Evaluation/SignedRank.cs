namespace KneeSeg.Evaluation;

/// <summary>
/// The signed-rank test of paired differences (Wilcoxon 1945): how often differences as one-sided as these arise when
/// either sign is as likely for each.
/// </summary>
public static class SignedRank
{
    private const int MostExact = 50;

    /// <summary>The two-sided p-value.</summary>
    /// <param name="differences">One a case. Those of 0 favor neither side and are left out, as Wilcoxon did.</param>
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

    // Equal sizes share the mean of their places, which may end in a half: doubled, ranks are whole numbers.
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
        // chances[s]: of a sum of positive ranks of s, over all signs.
        var chances = new double[ranks.Sum() + 1];
        chances[0] = 1;
        foreach (var rank in ranks)
            for (var sum = chances.Length - 1; sum >= 0; sum--)
                chances[sum] = (chances[sum] + (sum >= rank ? chances[sum - rank] : 0)) / 2;
        var smaller = (int)Math.Min(positive, chances.Length - 1 - positive);
        return Math.Min(1, 2 * chances.Take(smaller + 1).Sum());
    }

    // The variance of a sum of ranks under random signs is a quarter of the sum of their squares, whatever the ties.
    private static double Approximate(int[] ranks, long positive)
    {
        var off = positive - ranks.Sum(rank => (double)rank) / 2;
        var deviation = Math.Sqrt(ranks.Sum(rank => (double)rank * rank) / 4);
        return NormalDistribution.TwoSided(off / deviation);
    }
}
