namespace KneeSeg;

/// <summary>What an unknown name may have been meant to be.</summary>
public static class Suggestion
{
    /// <summary>The sentence that suggests the nearest known name.</summary>
    public static string DidYouMean(IEnumerable<string> known, string word) =>
        $"Did you mean '{Nearest(known, word)}'?";

    /// <summary>The known name nearest to a word.</summary>
    public static string Nearest(IEnumerable<string> known, string word) =>
        known.MinBy(name => Distance(name, word))!;

    // The fewest insertions, deletions and replacements from one word to the other (Levenshtein 1966).
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (
                    row[j],
                    Math.Min(
                        Math.Min(row[j], row[j - 1]) + 1,
                        diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)
                    )
                );
        }
        return row[^1];
    }
}
