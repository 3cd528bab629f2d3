namespace KneeSeg.Weights.Matching;

/// <summary>
/// Two rows of layers side by side: as many pairs as there can be without a crossing, by the longest common subsequence.
/// </summary>
/// <param name="Pairs">Layers of a network with those of a file that fit.</param>
/// <param name="Differing">Layers in each other's place that do not fit.</param>
/// <param name="Missing">Layers of the network without a counterpart.</param>
/// <param name="Left">Layers of the file without a counterpart.</param>
internal sealed record Alignment(
    IReadOnlyList<(WeightModule Own, WeightModule Theirs)> Pairs,
    IReadOnlyList<(WeightModule Own, WeightModule Theirs)> Differing,
    IReadOnlyList<WeightModule> Missing,
    IReadOnlyList<WeightModule> Left
)
{
    public static Alignment Of(IReadOnlyList<WeightModule> own, IReadOnlyList<WeightModule> theirs)
    {
        var longest = Longest(own, theirs);
        var (pairs, differing) = (
            new List<(WeightModule, WeightModule)>(),
            new List<(WeightModule, WeightModule)>()
        );
        var (missing, left) = (new List<WeightModule>(), new List<WeightModule>());
        var (gapOwn, gapTheirs) = (0, 0);
        for (var (i, j) = (0, 0); i <= own.Count || j <= theirs.Count; )
        {
            var isPair =
                i < own.Count
                && j < theirs.Count
                && own[i].Takes(theirs[j])
                && longest[i, j] == longest[i + 1, j + 1] + 1;
            if (!isPair && (i < own.Count || j < theirs.Count))
            {
                if (j == theirs.Count || i < own.Count && longest[i + 1, j] >= longest[i, j + 1])
                    i++;
                else
                    j++;
                continue;
            }
            // Between two pairs, or after the last.
            var both = Math.Min(i - gapOwn, j - gapTheirs);
            differing.AddRange(own.Skip(gapOwn).Zip(theirs.Skip(gapTheirs)).Take(both));
            missing.AddRange(own.Take(i).Skip(gapOwn + both));
            left.AddRange(theirs.Take(j).Skip(gapTheirs + both));
            if (!isPair)
                break;
            pairs.Add((own[i++], theirs[j++]));
            (gapOwn, gapTheirs) = (i, j);
        }
        return new(pairs, differing, missing, left);
    }

    /// <summary>This one, then another one.</summary>
    public Alignment With(Alignment other) =>
        new(
            [.. Pairs, .. other.Pairs],
            [.. Differing, .. other.Differing],
            [.. Missing, .. other.Missing],
            [.. Left, .. other.Left]
        );

    // The most pairs from each place on.
    private static int[,] Longest(
        IReadOnlyList<WeightModule> own,
        IReadOnlyList<WeightModule> theirs
    )
    {
        var longest = new int[own.Count + 1, theirs.Count + 1];
        for (var i = own.Count - 1; i >= 0; i--)
        for (var j = theirs.Count - 1; j >= 0; j--)
            longest[i, j] = own[i].Takes(theirs[j])
                ? longest[i + 1, j + 1] + 1
                : Math.Max(longest[i + 1, j], longest[i, j + 1]);
        return longest;
    }
}
