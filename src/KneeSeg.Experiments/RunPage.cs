using KneeSeg.Dsl;
using KneeSeg.Evaluation;
using KneeSeg.Inference.Files;
using KneeSeg.Reports;
using KneeSeg.Reports.Content;
using KneeSeg.Reports.Viewer;
using KneeSeg.Runs;

namespace KneeSeg.Experiments;

/// <summary>Writes the report of a run from its folder and its evaluation.</summary>
public static class RunPage
{
    /// <summary>Writes the page.</summary>
    /// <param name="run">The run folder.</param>
    /// <param name="evaluated">The folder with <c>evaluation.json</c>, if there is one.</param>
    /// <param name="page">The HTML file.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="isBrief">Whether only one case gets an animation and a rendering: for sweeps.</param>
    /// <param name="network">The run's network, if it is at hand; else it is read from the folder.</param>
    /// <param name="viewer">The viewer, to show cases in the page.</param>
    /// <exception cref="ProblemException">
    /// Not a run folder, or a snapshot in it is not an image (exit 3), another version (exit 5), or the page cannot be
    /// written (exit 6).
    /// </exception>
    public static void Write(
        string run,
        string evaluated,
        string page,
        IProgressSink progress,
        bool isBrief = false,
        NetworkSpec? network = null,
        ViewerProgram? viewer = null
    )
    {
        var numbers = Path.Combine(evaluated, EvaluationJob.FileName);
        var evaluation = File.Exists(numbers) ? EvaluationSummary.Load(numbers) : null;
        // Cases that could not be evaluated cannot be drawn side by side either.
        var failed = evaluation?.Failed.Select(one => one.Id).ToHashSet() ?? [];
        string[]? labels = evaluation is null
            ? null
            : ["background", .. evaluation.Labels.Select(label => label.Name)];
        var cases = EvaluatedCase.Load(evaluated);
        var pictures = cases
            .Where(one => !failed.Contains(one.Id))
            .Select(one => one.Picture(labels))
            .OfType<CasePicture>();
        var folder = RunFolder.Open(run);
        ProgressAnimation.Write(folder);
        var content = RunReport.Gather(folder, evaluation, [.. pictures], network);
        RunReport.Write(
            page,
            content with
            {
                IsBrief = isBrief,
                Viewer = viewer,
                Flagged = PredictionFolder.Flagged(cases.Select(one => (one.Id, one.Prediction))),
            },
            progress
        );
    }
}
