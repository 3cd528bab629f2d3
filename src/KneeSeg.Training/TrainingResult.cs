using KneeSeg.Runs;

namespace KneeSeg.Training;

/// <summary>The result of training.</summary>
/// <param name="Run">The run's folder.</param>
/// <param name="Epochs">Its log.</param>
/// <param name="Finished">False if it was interrupted and saved; repeat the request to resume.</param>
public sealed record TrainingResult(
    RunFolder Run,
    IReadOnlyList<EpochRecord> Epochs,
    bool Finished
);
