namespace KneeSeg.Imaging.Formats.Dicom;

/// <summary>Selects one of several volumes: <c>series=3,echo=2</c> behind the <c>#</c> of a path.</summary>
internal sealed class DicomChoice
{
    /// <summary>The word for a series.</summary>
    public const string Series = "series";

    private readonly string folder;
    private readonly Dictionary<string, string> values = [];
    private readonly HashSet<string> taken = [];

    private DicomChoice(string folder) => this.folder = folder;

    /// <summary>Reads a choice.</summary>
    /// <param name="folder">What it chooses from.</param>
    /// <param name="text">What follows the <c>#</c>; may be empty.</param>
    /// <exception cref="ProblemException">It is not a list of known words and values (exit 3).</exception>
    public static DicomChoice Parse(string folder, string text)
    {
        DicomChoice choice = new(folder);
        string[] words = [Series, .. DicomDifference.Known.Select(known => known.Word).Distinct()];
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
            if (
                part.Split('=') is not [var word, { Length: > 0 } value]
                || !words.Contains(word)
                || !choice.values.TryAdd(word, value)
            )
                throw choice.Bad(
                    $"\"{part}\" after the # is not a valid selection",
                    $"Write one of {string.Join(", ", words)} with a number, such as {folder}#echo=2"
                );
        return choice;
    }

    /// <summary>The value of a word, or null; it counts as used.</summary>
    public string? Take(string word)
    {
        taken.Add(word);
        return values.GetValueOrDefault(word);
    }

    /// <summary>The path that makes this choice and further ones, or others in their place.</summary>
    public string With(params IEnumerable<(string Word, string Value)> further)
    {
        Dictionary<string, string> all = new(values);
        foreach (var (word, value) in further)
            all[word] = value;
        return $"{folder}#{string.Join(',', all.Select(pair => $"{pair.Key}={pair.Value}"))}";
    }

    /// <summary>Refuses a selection that does not apply.</summary>
    /// <exception cref="ProblemException">A word was not used (exit 3).</exception>
    public void CheckUsed()
    {
        if (values.Keys.FirstOrDefault(word => !taken.Contains(word)) is not { } word)
            return;
        var name = DicomDifference.Known.First(known => known.Word == word).Name;
        throw Bad(
            $"its images do not differ in {name}, so none can be selected by it",
            $"Remove \"{word}={values[word]}\""
        );
    }

    private ProblemException Bad(string what, string fix) => new(ExitCode.Data, folder, what, fix);
}
