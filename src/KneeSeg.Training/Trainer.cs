using KneeSeg.Data.Datasets;
using KneeSeg.Dsl;
using KneeSeg.Runs;
using KneeSeg.Torch.Native;
using KneeSeg.Weights;

namespace KneeSeg.Training;

/// <summary>
/// Trains a network on a dataset. Repeating a request resumes the run and ends with the same weights as if it had never
/// stopped.
/// </summary>
public static class Trainer
{
    /// <summary>Builds and checks the network that a recipe would train.</summary>
    /// <param name="spec">The network.</param>
    /// <param name="recipe">The recipe, whose patch is checked if it names one.</param>
    /// <param name="profile">The label map.</param>
    /// <param name="channels">The names of the images' channels; empty for one without a name.</param>
    /// <exception cref="SpecException">The network can't be built, or not with this patch.</exception>
    /// <exception cref="ProblemException">The patch has another number of axes, or the outputs are not the network's (exit 2).</exception>
    public static Graph Check(
        NetworkSpec spec,
        Recipe recipe,
        LabelSchema profile,
        IReadOnlyList<string> channels
    ) => TrainingPlan.Check(spec, recipe, recipe.Binary ? LabelSchema.Binary : profile, channels);

    /// <summary>The peak memory of a training step, known before an image is read. Without a patch in the recipe, the most that it can be.</summary>
    /// <inheritdoc cref="Check" path="/exception"/>
    public static long PeakBytes(TrainingRequest request) =>
        MemoryBudget.Peak(request, TrainingPlan.Of(request));

    /// <summary>The optimizer steps in a run's newest intact checkpoint; 0 without one.</summary>
    public static long StepsDone(string run)
    {
        var folder = RunFolder.At(run);
        foreach (var path in new[] { folder.Last, folder.Previous }.Where(File.Exists))
            try
            {
                return TrainingState.Of(SafetensorsFile.Read(path), path).Step;
            }
            catch (ProblemException e) when (e.Exit == ExitCode.Checkpoint)
            {
                continue;
            }
        return 0;
    }

    /// <summary>Trains until the recipe's last epoch, or until cancelled.</summary>
    /// <param name="request">The training request.</param>
    /// <param name="progress">Receives progress of the preparation, and warnings.</param>
    /// <param name="observers">Follow the training.</param>
    /// <param name="cancel">Stops after the current step and saves the run.</param>
    /// <exception cref="SpecException">The network can't be built, or not with this patch.</exception>
    /// <exception cref="ProblemException">
    /// The data are invalid (exit 3), the folder holds another run or a corrupt checkpoint (exit 5), is in use
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
            progress.Say($"taking over the lock of {owner}, which was interrupted");
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
        foreach (var warning in plan.Dataset.Warnings)
            progress.Say($"{warning.What}. {warning.Fix}.");
        var initialization =
            plan.Request.InitFrom is { } other && IsNew(run)
                ? CheckpointInitialization.Open(other, progress)
                : null;
        var setup = plan.Prepare(initialization?.Name ?? "", progress, cancel);
        var before = RunStart.Read(run.StartFile);
        var segmentStarts = MemoryBudget.SegmentStarts(
            plan.Request,
            setup,
            before?.Recomputes == true,
            progress
        );
        NativeStart.Initialize();
        using var learner = setup.Learner(segmentStarts);
        initialization?.Load(learner, progress);
        setup.Enter(run);
        initialization?.Keep(run, learner);
        var start = plan.Request.Start() with { Recomputes = segmentStarts.Length > 0 };
        // Other numerical settings change the result.
        if (before is not null && start.Difference(before) is { } difference)
            progress.Say($"resuming {difference} as before; the result may differ slightly");
        start.Write(run.StartFile);
        return new TrainingLoop(
            plan.Request,
            setup,
            run,
            learner,
            observers,
            progress,
            cancel
        ).Run();
    }

    private static bool IsNew(RunFolder run) =>
        !File.Exists(run.First) && !File.Exists(run.Last) && !File.Exists(run.Previous);
}
