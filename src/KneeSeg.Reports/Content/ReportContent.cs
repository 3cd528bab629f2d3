using KneeSeg.Evaluation;
using KneeSeg.Runs;

namespace KneeSeg.Reports.Content;

/// <summary>What a report shows: one run and its evaluation.</summary>
/// <param name="Title">Network and dataset, such as "small-unet3d on knees".</param>
/// <param name="Network">The network.</param>
/// <param name="Data">The dataset in one sentence, without a full stop.</param>
/// <param name="Trained">When training ended; null when unknown.</param>
/// <param name="Labels">Names in label order, background first.</param>
/// <param name="Epochs">The training log; may be empty.</param>
/// <param name="Evaluation">The evaluation; null if there is none.</param>
/// <param name="Pictures">Cases to show; those in <paramref name="Evaluation"/> are ordered from worst to best.</param>
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
    /// <summary>Whether only the median case gets an animation and a rendering, and not the worst and the best: for sweeps.</summary>
    public bool IsBrief { get; init; }

    /// <summary>The animation of the training, a GIF; null if there is none.</summary>
    public byte[]? Progress { get; init; }
}
