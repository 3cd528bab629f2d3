namespace KneeSeg;

/// <summary>Doubts about many files: each is printed once, however many files share it.</summary>
public sealed class FileWarnings
{
    private readonly List<(string File, string Sentence)> all = [];

    /// <summary>Receives the sentences about a file.</summary>
    public Action<string> About(string file) => sentence => all.Add((file, sentence));

    /// <summary>Hands on every sentence once, with the first file it is about and how many more there are.</summary>
    public void Say(Action<string> say)
    {
        foreach (var same in all.Distinct().GroupBy(doubt => doubt.Sentence))
        {
            var more = same.Count() - 1;
            var files = more == 0 ? "" : $" and {more} more {(more == 1 ? "file" : "files")}";
            say($"{same.First().File}{files}: {same.Key}");
        }
    }
}
