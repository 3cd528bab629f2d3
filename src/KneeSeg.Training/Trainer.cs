using KneeSeg.Data.Datasets;
using KneeSeg.Dsl;
using KneeSeg.Runs;
using KneeSeg.Torch.Native;
using KneeSeg.Training.Parallel;
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
    /// or can't be written (exit 6), or a loss is not finite (exit 7); of several ranks, if this is the first.
    /// </exception>
    /// <exception cref="ReportedByFirstRankException">One of these, if this rank is not the first.</exception>
    public static TrainingResult Run(
        TrainingRequest request,
        IProgressSink progress,
        IReadOnlyList<ITrainingObserver> observers,
        CancellationToken cancel = default
    )
    {
        var ranks = request.Ranks;
        if (!ranks.IsFirst)
            (progress, observers) = (SilentProgress.Instance, []);
        try
        {
            var plan = ranks.Together(() => TrainingPlan.Of(request.OnRanks()));
            var run = RunFolder.At(request.Run);
            using var held = ranks.Together(() => ranks.IsFirst ? RunLock.Take(run.Root) : null);
            if (held?.Left is { } owner)
                progress.Say($"taking over the lock of {owner}, which was interrupted");
            var result = Run(plan, run, progress, observers, cancel);
            if (result.Finished)
                ranks.Finish();
            return result;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Before the first step, where there is nothing to save.
            return new TrainingResult(RunFolder.At(request.Run), [], Finished: false);
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
        var ranks = plan.Request.Ranks;
        foreach (var warning in plan.Dataset.Warnings)
            progress.Say($"{warning.What}. {warning.Fix}.");
        var isNew = ranks.FromFirst(() => IsNew(run));
        var before = ranks.FromFirst(() => RunStart.Read(run.StartFile));
        var initialization = ranks.Together(() =>
            plan.Request.InitFrom is { } other && isNew
                ? CheckpointInitialization.Open(other, progress)
                : null
        );
        var setup = Prepare(plan, initialization?.Name ?? "", progress, cancel);
        var segmentStarts = MemoryBudget.SegmentStarts(
            plan.Request,
            setup,
            before?.Recomputes == true,
            progress
        );
        NativeStart.Initialize();
        var start = plan.Request.Start() with { Recomputes = segmentStarts.Length > 0 };
        ranks.Agree(start.Settings, OtherSettings);
        using var learner = setup.Learner(segmentStarts);
        ranks.Together(() =>
        {
            initialization?.Load(learner, progress);
            if (ranks.IsFirst)
                setup.Enter(run);
            if (ranks.IsFirst)
                initialization?.Keep(run, learner);
            return true;
        });
        // Other numerical settings change the result.
        if (before is not null && start.Difference(before) is { } difference)
            progress.Say($"resuming {difference} as before; the result may differ slightly");
        if (ranks.IsFirst)
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

    // One rank of each machine fills its cache, from which the others read.
    private static TrainingSetup Prepare(
        TrainingPlan plan,
        string from,
        IProgressSink progress,
        CancellationToken cancel
    )
    {
        var ranks = plan.Request.Ranks;
        var first = ranks.Together(() =>
            ranks.IsFirstOnMachine ? plan.Prepare(from, progress, cancel) : null
        );
        var setup = ranks.Together(() => first ?? plan.Prepare(from, progress, cancel));
        ranks.Agree(setup.Description.Write(), OtherData);
        return setup;
    }

    private static ProblemException OtherSettings(string rank, string settings, string first) =>
        new(
            ExitCode.Resources,
            rank,
            $"computes {settings}, and rank 0 {first}",
            "Give all ranks as many cores (OMP_NUM_THREADS=4) and processors of one kind, or pass --precision fp32"
        );

    private static ProblemException OtherData(string rank, string description, string first) =>
        new(
            ExitCode.Data,
            rank,
            "has another dataset or another version of KneeSeg than rank 0",
            "Put program and dataset where all machines read the same files"
        );

    private static bool IsNew(RunFolder run) =>
        !File.Exists(run.First) && !File.Exists(run.Last) && !File.Exists(run.Previous);
}
