using KneeSeg.Evaluation;
using KneeSeg.Reports;
using KneeSeg.Runs;

namespace KneeSeg.Experiments;

/// <summary>Writes the report of a run from what lies in its folder, and what was measured.</summary>
public static class Reporting
{
    /// <summary>Writes the page.</summary>
    /// <param name="run">The run folder.</param>
    /// <param name="measured">The folder with <c>evaluation.json</c>; there may be none in it.</param>
    /// <param name="page">Where the page goes.</param>
    /// <exception cref="ProblemException">
    /// It is no run folder, or a still in it no picture (exit 3), of another version (exit 5), or the page can't be written (exit 6).
    /// </exception>
    public static void Write(string run, string measured, string page)
    {
        var numbers = Path.Combine(measured, Measurement.FileName);
        var evaluation = File.Exists(numbers) ? EvaluationSummary.Load(numbers) : null;
        var pictures = MeasuredCase
            .Load(measured)
            .Select(one => one.Picture())
            .OfType<CasePicture>();
        var folder = RunFolder.Open(run);
        ProgressAnimation.Write(folder);
        ReportWriter.Write(page, RunReport.Gather(folder, evaluation, [.. pictures]));
    }
}
