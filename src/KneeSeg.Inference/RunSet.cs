using KneeSeg.Data.Datasets;
using KneeSeg.Inference.Engines;
using KneeSeg.Inference.LabelRules;
using KneeSeg.Runs;

namespace KneeSeg.Inference;

/// <summary>Run folders and exported models among command-line arguments.</summary>
public static class RunSet
{
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

    /// <summary>The manifest of a run or an exported model.</summary>
    /// <exception cref="ProblemException">It is neither (exit 3), or can't be read (exit 5).</exception>
    public static RunManifest Describe(string run) =>
        ExportedModel.Is(run) ? ExportedModel.Read(run).Run : RunFolder.Open(run).Describe();

    /// <summary>The rules that predictions of a run, a folder of runs or an exported model go through.</summary>
    /// <param name="run">Its path.</param>
    /// <param name="profile">The label map.</param>
    /// <exception cref="ProblemException">They are invalid (exit 3).</exception>
    public static Postprocessing Postprocessing(string run, LabelSchema profile)
    {
        if (ExportedModel.Is(run))
            return ExportedModel.Read(run).Postprocessing is { } text
                ? LabelRules.Postprocessing.Parse(text, run, profile)
                : LabelRules.Postprocessing.None;
        var own = Path.Combine(run, LabelRules.Postprocessing.FileName);
        return File.Exists(own)
            ? LabelRules.Postprocessing.Load(own, profile)
            : LabelRules.Postprocessing.None;
    }

    private static IReadOnlyList<string> In(string path)
    {
        if (ExportedModel.Is(path))
            return [path];
        if (!Directory.Exists(path))
            return [];
        if (RunFolder.Exists(path))
            return [path];
        // A dataset folder is not a set of runs, even if runs are kept in it.
        if (DatasetFolder.HasManifest(path))
            return [];
        return
        [
            .. Directory
                .EnumerateDirectories(path)
                .Where(RunFolder.Exists)
                .Order(StringComparer.Ordinal),
        ];
    }
}
