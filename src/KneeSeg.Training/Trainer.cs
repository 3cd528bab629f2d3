using KneeSeg.Data;
using KneeSeg.Runs;
using KneeSeg.Torch;

namespace KneeSeg.Training;

/// <summary>
/// Trains a network on a dataset. The same request again goes on where the run was, and ends with the same
/// weights as if it had never stopped.
/// </summary>
public static class Trainer
{
    /// <summary>The network that a recipe would train on data of a profile, checked as a training does first.</summary>
    /// <param name="spec">The network.</param>
    /// <param name="recipe">How to train; a patch that is empty is not checked.</param>
    /// <param name="profile">What the labels mean.</param>
    /// <exception cref="Dsl.SpecException">The network can't be built, or not with this patch.</exception>
    /// <exception cref="ProblemException">The recipe has unknown words, or a patch of another rank (exit 2).</exception>
    public static Dsl.Graph Check(Dsl.NetworkSpec spec, Recipe recipe, Data.LabelSchema profile) =>
        TrainingPlan.Check(spec, recipe, recipe.Binary ? Data.LabelSchema.Binary : profile);

    /// <summary>Trains until the recipe's last epoch, or until cancelled.</summary>
    /// <param name="request">What to train on what.</param>
    /// <param name="progress">Receives progress of the preparation, and warnings.</param>
    /// <param name="observers">Follow the training.</param>
    /// <param name="cancel">Ends after the step that is under way; the run is saved.</param>
    /// <exception cref="Dsl.SpecException">The network can't be built, or not with this patch.</exception>
    /// <exception cref="ProblemException">
    /// The data have a fault (exit 3), the folder holds another run or a torn checkpoint (exit 5), is in use
    /// or can't be written (exit 6), or a loss is not finite (exit 7).
    /// </exception>
    public static TrainingResult Run(
        TrainingRequest request,
        IProgressSink progress,
        IReadOnlyList<ITrainingObserver> observers,
        CancellationToken cancel = default
    )
    {
        var plan = TrainingPlan.Of(request);
        var run = RunFolder.At(request.Run);
        using var held = RunLock.Take(run.Root);
        if (held.Left is { } owner)
            progress.Say($"{owner} was cut off here; its lock is taken over");
        try
        {
            return Run(plan, run, progress, observers, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Before the first step, where there is nothing to save.
            return new TrainingResult(run, [], Finished: false);
        }
    }

    private static TrainingResult Run(
        TrainingPlan plan,
        RunFolder run,
        IProgressSink progress,
        IReadOnlyList<ITrainingObserver> observers,
        CancellationToken cancel
    )
    {
        foreach (var doubt in plan.Dataset.Doubts)
            progress.Say($"{doubt.What}. {doubt.Fix}.");
        var warm =
            plan.Request.InitFrom is { } other && IsNew(run)
                ? CheckpointInitialization.Open(other)
                : null;
        var setup = plan.Prepare(warm?.Name ?? "", progress, cancel);
        var before = RunStart.Read(run.StartFile);
        var cuts = MemoryBudget.Cuts(plan.Request, setup, before?.Recomputes == true, progress);
        NativeStart.Initialize();
        using var learner = setup.Learner(cuts);
        warm?.Begin(learner, progress);
        setup.Enter(run);
        warm?.Keep(run, learner);
        var start = plan.Request.Start() with { Recomputes = cuts.Length > 0 };
        // A run that goes on in other numbers than before can't end with the same bytes.
        if (before is not null && start.Difference(before) is { } difference)
            progress.Say($"this run goes on {difference} as before");
        start.Write(run.StartFile);
        return new TrainingLoop(plan.Request, setup, run, learner, observers).Run(progress, cancel);
    }

    private static bool IsNew(RunFolder run) =>
        !File.Exists(run.First) && !File.Exists(run.Last) && !File.Exists(run.Previous);
}
