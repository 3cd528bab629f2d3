using KneeSeg.Evaluation;
using KneeSeg.Reports;
using KneeSeg.Runs;

namespace KneeSeg.Experiments;

/// <summary>Writes the report of a run from what lies in its folder, and what was measured.</summary>
public static class ReportJob
{
    /// <summary>Writes the page.</summary>
    /// <param name="run">The run folder.</param>
    /// <param name="measured">The folder with <c>evaluation.json</c>; there may be none in it.</param>
    /// <param name="page">Where the page goes.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="isBrief">Whether only one case is drawn as a whole: for one of many runs.</param>
    /// <exception cref="ProblemException">
    /// It is no run folder, or a still in it no picture (exit 3), of another version (exit 5), or the page can't be written (exit 6).
    /// </exception>
    public static void Write(
        string run,
        string measured,
        string page,
        IProgressSink progress,
        bool isBrief = false
    )
    {
        var numbers = Path.Combine(measured, EvaluationJob.FileName);
        var evaluation = File.Exists(numbers) ? EvaluationSummary.Load(numbers) : null;
        // What could not be measured can't be drawn side by side either.
        var failed = evaluation?.Failed.Select(one => one.Id).ToHashSet() ?? [];
        string[]? labels = evaluation is null
            ? null
            : ["background", .. evaluation.Labels.Select(label => label.Name)];
        var pictures = EvaluatedCase
            .Load(measured)
            .Where(one => !failed.Contains(one.Id))
            .Select(one => one.Picture(labels))
            .OfType<CasePicture>();
        var folder = RunFolder.Open(run);
        ProgressAnimation.Write(folder);
        var content = RunReport.Gather(folder, evaluation, [.. pictures]);
        ReportWriter.Write(page, content with { IsBrief = isBrief }, progress);
    }
}
