using KneeSeg.Experiments.Observers;
using KneeSeg.Training;

namespace KneeSeg.Experiments;

/// <summary>A training with everything that a user sees of it: console lines, TensorBoard events, snapshots and their animation.</summary>
public static class TrainingJob
{
    /// <summary>Trains; see <see cref="Trainer.Run"/> for what can go wrong.</summary>
    /// <param name="request">What to train on what.</param>
    /// <param name="progress">Receives progress, and a line an epoch.</param>
    /// <param name="cancel">Ends after the current step; the run is saved.</param>
    public static TrainingResult Run(
        TrainingRequest request,
        IProgressSink progress,
        CancellationToken cancel = default
    )
    {
        var snapshots = new SnapshotObserver();
        using var tensorBoard = new TensorBoardObserver(snapshots);
        return Trainer.Run(
            request,
            progress,
            [new ConsoleObserver(progress), snapshots, tensorBoard],
            cancel
        );
    }
}
