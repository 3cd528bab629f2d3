using KneeSeg.Runs;
using KneeSeg.Training;

namespace KneeSeg.Experiments.Observers;

/// <summary>Writes a training's scalars and snapshots for TensorBoard.</summary>
internal sealed class TensorBoardObserver(SnapshotObserver snapshots)
    : ITrainingObserver,
        IDisposable
{
    private IReadOnlyList<string> labels = [];
    private EventFile? events;

    public void OnBegin(TrainingContext training)
    {
        labels = training.Manifest.Labels;
        if (!training.IsFinished)
            events = EventFile.Start(training.Run.TensorBoard, training.Step);
    }

    public void OnValidation(ValidationEvent validation)
    {
        if (snapshots.Latest is { } picture)
            events!.Picture(
                "progress",
                validation.Step,
                picture.Width,
                picture.Height,
                picture.Png
            );
    }

    public void OnEpoch(EpochRecord epoch)
    {
        var first = epoch.Step - epoch.Losses.Count + 1;
        for (var i = 0; i < epoch.Losses.Count; i++)
            events!.Scalar("loss/step", first + i, epoch.Losses[i]);
        events!.Scalar("loss/epoch", epoch.Step, epoch.Loss);
        foreach (var (output, loss) in epoch.OutputLosses ?? new Dictionary<string, double>())
            events.Scalar($"loss/{output}", epoch.Step, loss);
        events.Scalar("training/learning rate", epoch.Step, epoch.LearningRate);
        events.Scalar("training/seconds", epoch.Step, epoch.Seconds);
        events.Scalar("training/data share", epoch.Step, epoch.DataShare);
        if (epoch.Validation is { } validation)
        {
            events.Scalar("dice/mean", epoch.Step, validation.Mean);
            foreach (var (label, dice) in labels.Skip(1).Zip(validation.Dice))
                if (dice is { } known)
                    events.Scalar($"dice/{label}", epoch.Step, known);
        }
        events.Flush();
    }

    public void Dispose() => events?.Dispose();
}
