namespace KneeSeg;

/// <summary>How many letters two words differ by, for "did you mean".</summary>
public static class EditDistance
{
    /// <summary>The fewest insertions, deletions and replacements from one word to the other (Levenshtein 1966).</summary>
    public static int Of(string a, string b)
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
