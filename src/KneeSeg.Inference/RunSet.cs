using KneeSeg.Data.Datasets;
using KneeSeg.Runs;

namespace KneeSeg.Inference;

/// <summary>Run folders among command-line arguments.</summary>
public static class RunSet
{
    private const string Description = "run.json";

    /// <summary>
    /// Splits arguments into runs and others. A folder of runs, such as the folds of a cross-validation, is expanded to an
    /// ensemble.
    /// </summary>
    /// <param name="words">Paths; the first one is a run or a folder of runs.</param>
    /// <exception cref="ProblemException">The first one is neither (exit 3).</exception>
    public static (IReadOnlyList<string> Runs, IReadOnlyList<string> Others) Find(
        IReadOnlyList<string> words
    )
    {
        List<string> runs = [];
        List<string> others = [];
        foreach (var word in words)
            if (In(word) is { Count: > 0 } found)
                runs.AddRange(found);
            else
                others.Add(word);
        // Throws the error for a missing run folder.
        if (In(words[0]).Count == 0)
            RunFolder.Open(words[0]);
        return (runs, others);
    }

    private static IReadOnlyList<string> In(string path)
    {
        if (!Directory.Exists(path))
            return [];
        if (IsRun(path))
            return [path];
        // A dataset folder is not a set of runs, even if runs are kept in it.
        if (DatasetFolder.HasManifest(path))
            return [];
        return [.. Directory.EnumerateDirectories(path).Where(IsRun).Order(StringComparer.Ordinal)];
    }

    private static bool IsRun(string folder) => File.Exists(Path.Combine(folder, Description));
}
