using KneeSeg.Runs;

namespace KneeSeg.Training;

/// <summary>How training ended.</summary>
/// <param name="Run">The run's folder.</param>
/// <param name="Epochs">Its log.</param>
/// <param name="Finished">False when it was interrupted and saved; the same request goes on.</param>
public sealed record TrainingResult(
    RunFolder Run,
    IReadOnlyList<EpochRecord> Epochs,
    bool Finished
);
