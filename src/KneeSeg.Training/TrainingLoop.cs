using System.Diagnostics;
using KneeSeg.Data.Patches;
using KneeSeg.Inference;
using KneeSeg.Runs;
using KneeSeg.Training.Optimization;

namespace KneeSeg.Training;

/// <summary>The training loop over epochs and steps, starting where the run stopped.</summary>
internal sealed class TrainingLoop(
    TrainingRequest request,
    TrainingSetup setup,
    RunFolder run,
    Learner learner,
    IReadOnlyList<ITrainingObserver> observers
)
{
    private readonly Recipe recipe = request.Recipe;
    private readonly Checkpoints checkpoints = new(run, setup.Description);
    private readonly Stopwatch epochClock = new();
    private readonly Stopwatch dataClock = new();
    private List<EpochRecord> log = [];

    /// <summary>Trains until the last epoch or until cancelled, then saves the state.</summary>
    public TrainingResult Run(IProgressSink progress, CancellationToken cancel)
    {
        var state = checkpoints.Resume(learner, progress);
        log = [.. RunLog.Read(run.LogFile).Where(epoch => epoch.Step <= state.Step)];
        TrainingContext begun = new(run, setup.Description, setup.Data, state.Step, [.. log]);
        Notify(one => one.OnBegin(begun));
        if (state.Step < recipe.Steps)
            state = Steps(state, cancel);
        if (state.Losses.Count > 0)
            checkpoints.SaveLast(learner, state);
        var result = new TrainingResult(run, log, Finished: state.Step == recipe.Steps);
        Notify(one => one.OnEnd(result));
        return result;
    }

    private TrainingState Steps(TrainingState state, CancellationToken cancel)
    {
        using var loader = new PatchLoader(Schedule(state.Step), setup.Batch);
        epochClock.Restart();
        while (state.Step < recipe.Steps && !cancel.IsCancellationRequested)
        {
            dataClock.Start();
            var batch = loader.Next()!;
            dataClock.Stop();
            state = state.After(
                learner.Step(batch, state.Step, LearningRate.At(recipe, state.Step, log))
            );
            TrainingStep step = new(state.Step, state.Losses.Average(), DataShare);
            Notify(one => one.OnStep(step));
            if (state.Step % recipe.StepsPerEpoch == 0)
                state = EndEpoch(state);
        }
        return state;
    }

    private double DataShare => dataClock.Elapsed / epochClock.Elapsed;

    private TrainingState EndEpoch(TrainingState state)
    {
        var number = (int)(state.Step / recipe.StepsPerEpoch);
        var share = DataShare;
        var validation = Validates(number) ? Validate(number, state) : null;
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
            Losses = state.Losses,
            OutputLosses = OutputLosses(state),
            DataShare = Math.Round(share, 4),
        };
        log.Add(epoch);
        epochClock.Restart();
        dataClock.Reset();
        state = state.WithoutLosses() with { Best = Math.Max(state.Best, validation?.Mean ?? -1) };
        Notify(one => one.OnEpoch(epoch));
        // The log first: resuming drops lines newer than the checkpoint.
        RunLog.Write(run.LogFile, log);
        checkpoints.SaveLast(learner, state);
        Notify(one => one.OnCheckpoint(epoch));
        return state;
    }

    private Dictionary<string, double>? OutputLosses(TrainingState state) =>
        learner.OutputNames is []
            ? null
            : learner
                .OutputNames.Zip(state.OutputSums)
                .ToDictionary(pair => pair.First, pair => pair.Second / state.Losses.Count);

    private bool Validates(int epoch) =>
        setup.Data.Validation.Count > 0
        && (epoch % recipe.ValidateEvery == 0 || epoch == recipe.Epochs);

    // Not cancellable: the epoch's record must be complete.
    private ValidationRecord Validate(int epoch, TrainingState state)
    {
        using var _ = learner.UseEmaWeights();
        var network = new SlidingWindow(
            learner.Network,
            setup.Patch,
            request.Precision,
            request.Device
        );
        var (validation, temperature) = Validation.Run(
            network,
            setup.Data.Validation,
            setup.Description.Labels.Count,
            (one, labels) => Notify(observer => observer.OnCasePredicted(one, labels))
        );
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
                temperature
            );
        return validation;
    }

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
        for (var step = from; step < recipe.Steps; step++)
            yield return ((int)(step / recipe.StepsPerEpoch), (int)(step % recipe.StepsPerEpoch));
    }
}
