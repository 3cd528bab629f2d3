namespace KneeSeg;

/// <summary>Warnings about many files: each is printed once, however many files share it.</summary>
public sealed class FileWarnings
{
    private readonly List<(string File, string Warning)> all = [];

    /// <summary>Collects the warnings about a file.</summary>
    public Action<string> About(string file) => warning => all.Add((file, warning));

    /// <summary>Reports every warning once, with the first file that has it and how many more have it.</summary>
    public void Report(Action<string> report)
    {
        foreach (var same in all.Distinct().GroupBy(entry => entry.Warning))
        {
            var more = same.Count() - 1;
            var files = more == 0 ? "" : $" and {more} more {(more == 1 ? "file" : "files")}";
            report($"{same.First().File}{files}: {same.Key}");
        }
    }
}
