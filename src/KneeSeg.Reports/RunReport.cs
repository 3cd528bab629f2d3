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
    /// <param name="network">The run's network, if it is at hand; else it is read from the folder.</param>
    /// <exception cref="ProblemException">The run is of another version (exit 5).</exception>
    public static ReportContent Gather(
        RunFolder folder,
        EvaluationSummary? evaluation,
        IReadOnlyList<CasePicture> pictures,
        NetworkSpec? network = null
    )
    {
        var text = File.ReadAllText(folder.RunFile);
        var run = RunManifest.Read(text, folder.RunFile);
        network ??= Networks.Parse(run.Spec.ToJsonString());
        return new(
            $"{run.Network} on {run.Data}",
            NetworkFacts.Of(Networks.Elaborate(network, channels: 1, run.Classes), run.Patch),
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
        return $"Dataset {run.Data}: {Cases("train")} training, {Cases("validation")} validation and {NumberText.Of(Cases("test"), "test case")}; label schema {run.Profile}";
    }
}
