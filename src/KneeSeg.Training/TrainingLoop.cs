using System.Diagnostics;
using KneeSeg.Data.Patches;
using KneeSeg.Inference;
using KneeSeg.Inference.Tiling;
using KneeSeg.Runs;
using KneeSeg.Torch;
using KneeSeg.Training.Optimization;
using KneeSeg.Training.Parallel;

namespace KneeSeg.Training;

/// <summary>The training loop over epochs and steps, starting where the run stopped.</summary>
internal sealed class TrainingLoop(
    TrainingRequest request,
    TrainingSetup setup,
    RunFolder run,
    Learner learner,
    IReadOnlyList<ITrainingObserver> observers,
    IProgressSink progress,
    CancellationToken cancel
)
{
    private readonly Recipe recipe = request.Recipe;

    // Steps after which this call stops.
    private readonly long end = Math.Min(
        request.Recipe.Steps,
        (request.Until ?? request.Recipe.Epochs) * (long)request.Recipe.StepsPerEpoch
    );

    private readonly Checkpoints checkpoints = new(run, setup.Description);
    private readonly ValidationPlan validations = ValidationPlan.Of(
        setup.Data.Validation,
        setup.Patch,
        request.Recipe
    );
    private readonly Stopwatch epochClock = new();
    private readonly Stopwatch dataClock = new();
    private readonly Ranks ranks = request.Ranks;
    private readonly Lock updating = new();
    private TrainingState state = TrainingState.Start;
    private bool isSaved = true;
    private List<EpochRecord> log = [];

    /// <summary>Trains until the last epoch or until cancelled, then saves the state.</summary>
    public TrainingResult Run()
    {
        Resume();
        TrainingContext begun = new(run, setup.Description, setup.Data, state.Step, [.. log]);
        Notify(one => one.OnBegin(begun));
        // A launcher that ends all ranks gives them about a second, and a step may take longer.
        using (ranks.Count > 1 ? cancel.Register(SaveAtOnce) : default)
            Steps();
        Save();
        var isFinished = state.Step == recipe.Steps && state.Losses is [];
        var result = new TrainingResult(run, log, isFinished);
        Notify(one => one.OnEnd(result));
        return result;
    }

    // The first rank chooses the checkpoint, and the others read it afterwards.
    private void Resume()
    {
        var step = ranks.FromFirst(() => (state = checkpoints.Resume(learner, progress)).Step);
        ranks.Together(() =>
        {
            if (!ranks.IsFirst)
                state = checkpoints.Resume(learner, progress, latest: step);
            log =
            [
                .. RunLog
                    .Read(run.LogFile)
                    .Where(epoch => epoch.Step <= state.Step - state.Losses.Count),
            ];
            return true;
        });
        Agree();
    }

    private void Steps()
    {
        using var loader = new PatchLoader(Schedule(state.Step), setup.Batch);
        epochClock.Restart();
        // Interrupted when it validated.
        if (state.Losses.Count == recipe.StepsPerEpoch)
            EndEpoch();
        while (state.Step < end && !cancel.IsCancellationRequested)
        {
            dataClock.Start();
            var batch = loader.Next()!;
            dataClock.Stop();
            if (!Step(batch))
                return;
            TrainingStep step = new(state.Step, state.Losses.Average(), DataShare);
            Notify(one => one.OnStep(step));
            if (state.Step % recipe.StepsPerEpoch == 0)
                EndEpoch();
        }
    }

    /// <summary>One step.</summary>
    /// <returns>False if it was cancelled and left everything as it was.</returns>
    private bool Step(PatchBatch batch)
    {
        StepLoss loss;
        try
        {
            loss = learner.Backward(batch, state.Step);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return false;
        }
        catch (ProblemException e) when (e.Exit == ExitCode.Resources)
        {
            // The connection to another rank is lost.
            Save();
            throw;
        }
        lock (updating)
        {
            if (ranks.Count > 1 && cancel.IsCancellationRequested)
                return false;
            learner.Update(state.Step, LearningRate.At(recipe, state.Step, log));
            (state, isSaved) = (state.After(loss), false);
        }
        return true;
    }

    /// <summary>Saves the state after the last complete step, unless it is saved.</summary>
    private void Save()
    {
        lock (updating)
        {
            if (!isSaved && ranks.IsFirst)
                checkpoints.SaveLast(learner, state);
            isSaved = true;
        }
    }

    // On another thread, while the training's own computes gradients or waits for them.
    private void SaveAtOnce()
    {
        try
        {
            Save();
            progress.Say(
                $"ended after step {state.Step}, which is saved: a rank was lost, or the job was interrupted. Rerun the same command to resume"
            );
        }
        catch (ProblemException e)
        {
            progress.Say(e.Message);
        }
    }

    // Ranks on processors of other kinds round differently, and train apart.
    private void Agree() =>
        ranks.Agree(
            ranks.Count > 1 ? learner.Hash() : "",
            (rank, _, _) =>
                new(
                    ExitCode.Resources,
                    $"{rank}, step {state.Step}",
                    "has other weights than rank 0",
                    "Use processors of one kind for all ranks, and a run folder that all of them see"
                )
        );

    private double DataShare => dataClock.Elapsed / epochClock.Elapsed;

    private void EndEpoch()
    {
        Agree();
        // The launcher may end all while the first rank validates.
        if (ranks.Count > 1)
            Save();
        EpochRecord epoch;
        try
        {
            epoch = ranks.FromFirst(FinishEpoch);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // It is validated when it is resumed.
            return;
        }
        log.Add(epoch);
        (state, isSaved) = (AfterEpoch(epoch), true);
        epochClock.Restart();
        dataClock.Reset();
    }

    private TrainingState AfterEpoch(EpochRecord epoch) =>
        state.WithoutLosses() with
        {
            Best = Math.Max(state.Best, epoch.Validation?.Mean ?? -1),
        };

    private EpochRecord FinishEpoch()
    {
        var number = (int)(state.Step / recipe.StepsPerEpoch);
        var share = DataShare;
        var validation = Validates(number) ? Validate(number) : null;
        var best =
            validation?.Windows is not null && number == recipe.Epochs ? ValidateBest() : null;
        var validationLoss = validation is null ? null : ValidationLoss();
        var rate = LearningRate.At(recipe, state.Step - 1, log);
        var epoch = new EpochRecord(
            number,
            state.Step,
            state.Losses.Average(),
            rate,
            Math.Round(epochClock.Elapsed.TotalSeconds, 3),
            validation
        )
        {
            ValidationLoss = validationLoss,
            BestValidation = best,
            Losses = state.Losses,
            OutputLosses = OutputLosses(),
            DataShare = Math.Round(share, 4),
        };
        Notify(one => one.OnEpoch(epoch));
        // The log first: resuming drops lines newer than the checkpoint.
        RunLog.Write(run.LogFile, [.. log, epoch]);
        checkpoints.SaveLast(learner, AfterEpoch(epoch));
        Notify(one => one.OnCheckpoint(epoch));
        return epoch;
    }

    private Dictionary<string, double>? OutputLosses() =>
        learner.OutputNames is []
            ? null
            : learner
                .OutputNames.Zip(state.OutputSums)
                .ToDictionary(pair => pair.First, pair => pair.Second / state.Losses.Count);

    private bool Validates(int epoch) =>
        setup.Data.Validation.Count > 0
        && (epoch % recipe.ValidateEvery == 0 || epoch == recipe.Epochs);

    private ValidationRecord Validate(int epoch)
    {
        using var _ = learner.UseEmaWeights();
        var network = WindowsOf(learner.Network, validations.IsWhole);
        var validating = NewValidation();
        var validation = validations.IsWhole
            ? validating.Whole(
                network,
                setup.Data.Validation,
                (one, labels) => Notify(observer => observer.OnCasePredicted(one, labels))
            )
            : validating.Estimate(network, validations);
        ValidationEvent validated = new(
            epoch,
            state.Step,
            state.Losses.Average(),
            validation,
            network
        );
        Notify(one => one.OnValidation(validated));
        if (validation.Mean > state.Best)
            checkpoints.SaveBest(
                learner,
                state.WithoutLosses() with
                {
                    Best = validation.Mean,
                },
                validating.Temperature
            );
        return validation;
    }

    // All of every case, once.
    private ValidationRecord ValidateBest()
    {
        using var best = TrainedNetwork.Open(run.Root, request.Device, progress);
        return NewValidation()
            .Whole(
                WindowsOf(best.Network, overlapping: true),
                setup.Data.Validation,
                (_, _) => { }
            );
    }

    private Validation NewValidation() => new(setup.Description.Labels.Count, progress, cancel);

    private SlidingWindow WindowsOf(TorchNetwork network, bool overlapping) =>
        new(network, setup.Patch, request.Precision, request.Device)
        {
            Overlap = overlapping ? WindowPlan.Overlap : 0,
        };

    private double? ValidationLoss()
    {
        using var _ = learner.UseEmaWeights();
        return setup.ValidationBatches().Average(batch => (double?)learner.LossOf(batch));
    }

    private void Notify(Action<ITrainingObserver> call)
    {
        foreach (var observer in observers)
            call(observer);
    }

    private IEnumerable<(int Epoch, int Step)> Schedule(long from)
    {
        for (var step = from; step < end; step++)
            yield return ((int)(step / recipe.StepsPerEpoch), (int)(step % recipe.StepsPerEpoch));
    }
}
