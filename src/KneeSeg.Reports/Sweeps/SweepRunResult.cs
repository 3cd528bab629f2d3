using KneeSeg.Evaluation;
using KneeSeg.Runs;

namespace KneeSeg.Reports;

/// <summary>How far a run of a sweep is.</summary>
public enum RunProgress
{
    /// <summary>It has no log yet.</summary>
    Waiting,

    /// <summary>It has begun and is not at its end.</summary>
    Begun,

    /// <summary>All its epochs are there.</summary>
    Finished,

    /// <summary>It stopped by a problem of its own.</summary>
    Failed,
}

/// <summary>One run of a sweep, as tables show it.</summary>
/// <param name="Name">Its folder's name.</param>
/// <param name="Seed">What its random choices follow from.</param>
/// <param name="Progress">How far it is.</param>
/// <param name="Problem">Why it failed; else empty.</param>
/// <param name="Epochs">Its log.</param>
/// <param name="Evaluation">What was measured on the test cases; null where nothing was.</param>
public sealed record SweepRunResult(
    string Name,
    long Seed,
    RunProgress Progress,
    string Problem,
    IReadOnlyList<EpochRecord> Epochs,
    EvaluationSummary? Evaluation
)
{
    /// <summary>Its pictures.</summary>
    public RunPictures Pictures { get; init; } = RunPictures.None;

    /// <summary>What its log comes to.</summary>
    public RunSummary Figures { get; } = RunSummary.Of(Epochs);
}
