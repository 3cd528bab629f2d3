using KneeSeg.Evaluation;
using KneeSeg.Runs;

namespace KneeSeg.Reports;

/// <summary>All that a report is made from: one run, and how it did on knees it had not seen.</summary>
/// <param name="Title">What was trained on what, such as "small-unet3d on knees".</param>
/// <param name="Network">The network.</param>
/// <param name="Data">The data in one sentence, without a full stop.</param>
/// <param name="Trained">When training ended; null when unknown.</param>
/// <param name="Labels">Names in label order, background first.</param>
/// <param name="Epochs">The training log; may be empty.</param>
/// <param name="Evaluation">What was measured; null when nothing was.</param>
/// <param name="Pictures">Cases to show; those that <paramref name="Evaluation"/> knows are ordered from worst to best.</param>
/// <param name="Run">The run's <c>run.json</c>: spec, recipe, data fingerprint, versions, seed.</param>
public sealed record ReportContent(
    string Title,
    NetworkFacts Network,
    string Data,
    DateTimeOffset? Trained,
    IReadOnlyList<string> Labels,
    IReadOnlyList<EpochRecord> Epochs,
    EvaluationSummary? Evaluation,
    IReadOnlyList<CasePicture> Pictures,
    string Run
)
{
    /// <summary>Whether only the middle case is shown as a whole, and not the worst and the best: for one of many runs.</summary>
    public bool IsBrief { get; init; }

    /// <summary>The animation of its training, a GIF; null where there is none.</summary>
    public byte[]? Progress { get; init; }
}
