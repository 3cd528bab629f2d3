using KneeSeg.Runs;
using KneeSeg.Torch;

namespace KneeSeg.Training;

/// <summary>A run's checkpoints: the newest, the one before it, and the best on validation.</summary>
internal sealed class Checkpoints(RunFolder run, RunManifest description)
{
    private bool isLastWhole = true;

    /// <summary>Saves the newest; the one before is kept, unless it was torn.</summary>
    public void SaveLast(Learner learner, TrainingState state)
    {
        using var _ = learner.Averaged();
        Checkpoint.Save(
            run.Last,
            isLastWhole ? run.Previous : null,
            learner.Network,
            learner.OptimizerState(),
            state.Metadata(description)
        );
        isLastWhole = true;
    }

    /// <summary>Saves the weights that the network has now as those that did best.</summary>
    public void SaveBest(Learner learner, TrainingState state) =>
        Checkpoint.Save(run.Best, null, learner.Network, [], state.Metadata(description));

    /// <summary>Goes on where the newest whole checkpoint was; from the start when there is none.</summary>
    /// <param name="learner">Gets its weights and memory.</param>
    /// <param name="progress">Hears when one is torn.</param>
    /// <param name="latest">A later step is not gone on from.</param>
    /// <exception cref="ProblemException">There are checkpoints, and none is whole (exit 5).</exception>
    public TrainingState Resume(
        Learner learner,
        IProgressSink progress,
        long latest = long.MaxValue
    )
    {
        string[] found = [.. new[] { run.Last, run.Previous }.Where(File.Exists)];
        for (var i = 0; i < found.Length; i++)
        {
            try
            {
                var file = SafetensorsFile.Read(found[i]);
                var state = TrainingState.Of(file, found[i]);
                if (state.Step > latest)
                    continue;
                learner.Restore(file, found[i]);
                return state;
            }
            catch (ProblemException e) when (i + 1 < found.Length)
            {
                isLastWhole = false;
                progress.Say($"{e.Message} The one before it is used.");
            }
        }
        if (File.Exists(run.First))
            _ = learner.Begin(SafetensorsFile.Read(run.First));
        return TrainingState.Start;
    }
}
