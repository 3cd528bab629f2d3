using System.Diagnostics;
using KneeSeg.Data.Patches;
using KneeSeg.Inference;
using KneeSeg.Inference.Tiling;
using KneeSeg.Runs;
using KneeSeg.Torch;
using KneeSeg.Training.Optimization;

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
    private readonly Checkpoints checkpoints = new(run, setup.Description);
    private readonly ValidationPlan validations = ValidationPlan.Of(
        setup.Data.Validation,
        setup.Patch,
        request.Recipe
    );
    private readonly Stopwatch epochClock = new();
    private readonly Stopwatch dataClock = new();
    private List<EpochRecord> log = [];

    /// <summary>Trains until the last epoch or until cancelled, then saves the state.</summary>
    public TrainingResult Run()
    {
        var state = checkpoints.Resume(learner, progress);
        log =
        [
            .. RunLog
                .Read(run.LogFile)
                .Where(epoch => epoch.Step <= state.Step - state.Losses.Count),
        ];
        TrainingContext begun = new(run, setup.Description, setup.Data, state.Step, [.. log]);
        Notify(one => one.OnBegin(begun));
        if (!begun.IsFinished)
            state = Steps(state);
        if (state.Losses.Count > 0)
            checkpoints.SaveLast(learner, state);
        var isFinished = state.Step == recipe.Steps && state.Losses is [];
        var result = new TrainingResult(run, log, isFinished);
        Notify(one => one.OnEnd(result));
        return result;
    }

    private TrainingState Steps(TrainingState state)
    {
        using var loader = new PatchLoader(Schedule(state.Step), setup.Batch);
        epochClock.Restart();
        // Interrupted when it validated.
        if (state.Losses.Count == recipe.StepsPerEpoch)
            state = EndEpoch(state);
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
        ValidationRecord? validation,
            best;
        try
        {
            validation = Validates(number) ? Validate(number, state) : null;
            best =
                validation?.Windows is not null && number == recipe.Epochs ? ValidateBest() : null;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // It is validated when it is resumed.
            return state;
        }
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

    private ValidationRecord Validate(int epoch, TrainingState state)
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
        for (var step = from; step < recipe.Steps; step++)
            yield return ((int)(step / recipe.StepsPerEpoch), (int)(step % recipe.StepsPerEpoch));
    }
}
