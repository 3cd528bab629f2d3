using KneeSeg.Dsl;
using KneeSeg.Evaluation;
using KneeSeg.Runs;

namespace KneeSeg.Reports;

/// <summary>Gathers a report's content from a run folder.</summary>
public static class RunReport
{
    /// <summary>What a run folder knows, with what was measured and pictured elsewhere.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="evaluation">What was measured of its predictions; null when nothing was.</param>
    /// <param name="pictures">Cases to show; may be empty.</param>
    /// <exception cref="ProblemException">The run is of another version (exit 5).</exception>
    public static ReportContent Gather(
        RunFolder folder,
        EvaluationSummary? evaluation,
        IReadOnlyList<CasePicture> pictures
    )
    {
        var text = File.ReadAllText(folder.RunFile);
        var run = RunManifest.Read(text, folder.RunFile);
        var graph = Networks.Load(run.Spec.ToJsonString(), channels: 1, run.Classes);
        return new(
            $"{run.Network} on {run.Data}",
            NetworkFacts.Of(graph, run.Patch),
            Data(run),
            File.Exists(folder.Last) ? File.GetLastWriteTime(folder.Last) : null,
            run.Labels,
            RunLog.Read(folder.LogFile),
            evaluation,
            pictures,
            text
        )
        {
            Progress = File.Exists(folder.Animation) ? File.ReadAllBytes(folder.Animation) : null,
        };
    }

    private static string Data(RunManifest run)
    {
        int Cases(string split) => run.Cases.GetValueOrDefault(split)?.Count ?? 0;
        return $"Dataset {run.Data}: {NumberText.Of(Cases("train"), "case")} for training, {Cases("validation")} for validation, {Cases("test")} for testing; labels of the profile {run.Profile}";
    }
}
