using KneeSeg.Data.Preprocessing;
using KneeSeg.Inference;
using KneeSeg.Runs;

namespace KneeSeg.Training;

/// <summary>
/// Follows a training: a console, a TensorBoard log or a callback of your own. Calls come on the training's thread and
/// must not change what it computes.
/// </summary>
public interface ITrainingObserver
{
    /// <summary>Before the first step of a run, or where an earlier one stopped.</summary>
    void OnBegin(TrainingContext training) { }

    /// <summary>After each optimizer step.</summary>
    void OnStep(TrainingStep step) { }

    /// <summary>After each case of a validation that predicts all of every case, as <see cref="Recipe.ValidationShare"/> says.</summary>
    /// <param name="validationCase">The case.</param>
    /// <param name="labels">The labels that the network predicts for it, [D, H, W].</param>
    void OnCasePredicted(PreprocessedCase validationCase, byte[] labels) { }

    /// <summary>After a validation, while the network still has the weights that were validated.</summary>
    void OnValidation(ValidationEvent validation) { }

    /// <summary>After each epoch, before its checkpoint is written.</summary>
    void OnEpoch(EpochRecord epoch) { }

    /// <summary>After an epoch's checkpoint was written: a run that is killed now resumes after it.</summary>
    void OnCheckpoint(EpochRecord epoch) { }

    /// <summary>After the last step of this call, whether the run is finished or interrupted.</summary>
    void OnEnd(TrainingResult result) { }
}

/// <summary>What is trained.</summary>
/// <param name="Run">The run's folder.</param>
/// <param name="Manifest">What is trained on what, and how.</param>
/// <param name="Data">The preprocessed cases.</param>
/// <param name="Step">Steps already done by earlier calls; 0 for a new run.</param>
/// <param name="Log">Epochs already done.</param>
public sealed record TrainingContext(
    RunFolder Run,
    RunManifest Manifest,
    PreprocessedDataset Data,
    long Step,
    IReadOnlyList<EpochRecord> Log
)
{
    /// <summary>Whether there is nothing left to do.</summary>
    public bool IsFinished => Log is [.., var last] && last.Step >= Manifest.Recipe.Steps;
}

/// <summary>An optimizer step.</summary>
/// <param name="Step">From 1.</param>
/// <param name="Loss">The mean of the epoch's losses so far.</param>
/// <param name="DataShare">The share of the epoch's time spent waiting for patches, 0 to 1.</param>
public readonly record struct TrainingStep(long Step, double Loss, double DataShare);

/// <summary>A validation.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Step">The step that it ended with.</param>
/// <param name="Loss">The epoch's mean training loss.</param>
/// <param name="Result">Dice by label.</param>
/// <param name="Network">The network with the validated weights, for predictions of your own.</param>
public sealed record ValidationEvent(
    int Epoch,
    long Step,
    double Loss,
    ValidationRecord Result,
    SlidingWindow Network
);

/// <summary>The result of training.</summary>
/// <param name="Run">The run's folder.</param>
/// <param name="Epochs">Its log.</param>
/// <param name="Finished">False if it was interrupted and saved; repeat the request to resume.</param>
public sealed record TrainingResult(
    RunFolder Run,
    IReadOnlyList<EpochRecord> Epochs,
    bool Finished
);
