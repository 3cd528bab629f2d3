using KneeSeg.Data.Datasets;
using KneeSeg.Dsl;
using KneeSeg.Evaluation;
using KneeSeg.Reports.Content;
using KneeSeg.Reports.Page;
using KneeSeg.Runs;

namespace KneeSeg.Reports;

/// <summary>Collects a report's content from a run folder.</summary>
public static class RunReport
{
    /// <summary>The content of a report.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="evaluation">The evaluation of its predictions; null if there is none.</param>
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
        var graph = Networks.Elaborate(run.Spec, channels: 1, run.Classes);
        return new(
            $"{run.Network} on {run.Data}",
            NetworkFacts.Of(graph, run.Patch.Lengths),
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
        int Cases(Split split) => run.Cases.GetValueOrDefault(split)?.Count ?? 0;
        return $"Dataset {run.Data}: {Cases(Split.Train)} training, {Cases(Split.Validation)} validation and {NumberText.Of(Cases(Split.Test), "test case")}; label schema {run.Profile}";
    }
}
