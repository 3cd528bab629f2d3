using KneeSeg.Evaluation;
using KneeSeg.Runs;

namespace KneeSeg.Reports.Sweeps;

/// <summary>The state of a run of a sweep.</summary>
public enum RunProgress
{
    /// <summary>Not started.</summary>
    Waiting,

    /// <summary>Started and not finished.</summary>
    Begun,

    /// <summary>All epochs are done.</summary>
    Finished,

    /// <summary>Ended by a problem of its own.</summary>
    Failed,
}

/// <summary>The results of one run of a sweep.</summary>
/// <param name="Name">Its folder's name.</param>
/// <param name="Seed">Its random seed.</param>
/// <param name="Progress">Its state.</param>
/// <param name="Problem">Why it failed; else empty.</param>
/// <param name="Epochs">Its log.</param>
/// <param name="Evaluation">The evaluation on the test cases; null if there is none.</param>
public sealed record SweepRunResult(
    string Name,
    long Seed,
    RunProgress Progress,
    string Problem,
    IReadOnlyList<EpochRecord> Epochs,
    EvaluationSummary? Evaluation
)
{
    /// <summary>Its images.</summary>
    public RunPictures Pictures { get; init; } = RunPictures.None;

    /// <summary>The summary of its log.</summary>
    public RunSummary Figures { get; } = RunSummary.Of(Epochs);
}
