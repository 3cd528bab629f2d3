using System.Diagnostics;
using KneeSeg.Data;
using KneeSeg.Inference;
using KneeSeg.Reports;
using KneeSeg.Runs;

namespace KneeSeg.Training;

/// <summary>The training loop over epochs and steps, starting where the run stopped.</summary>
internal sealed class TrainingLoop(
    TrainingRequest request,
    TrainingSetup setup,
    RunFolder run,
    Learner learner,
    IProgressSink progress
)
{
    private readonly Recipe recipe = request.Recipe;
    private readonly Checkpoints checkpoints = new(run, setup.Description);
    private readonly ProgressLine line = new(request.Recipe, setup.Description.Labels, progress);
    private readonly MonitoredCases monitored = new(setup.Data);
    private readonly Stopwatch epochClock = new();
    private readonly Stopwatch dataClock = new();
    private List<EpochRecord> log = [];

    /// <summary>Trains until the last epoch or until cancelled, then saves the state.</summary>
    public TrainingResult Run(CancellationToken cancel)
    {
        var state = checkpoints.Resume(learner, progress);
        log = [.. RunLog.Read(run.LogFile).Where(epoch => epoch.Step <= state.Step)];
        line.Begin(state.Step);
        if (state.Step == recipe.Steps)
            return Finished();
        using var board = new TensorBoardWriter(run, setup.Description.Labels, state.Step);
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
            line.Report(state, log, dataClock.Elapsed / epochClock.Elapsed);
            if (state.Step % recipe.StepsPerEpoch == 0)
                state = EndEpoch(state, board);
        }
        if (state.Losses.Count > 0)
            checkpoints.SaveLast(learner, state);
        return state.Step == recipe.Steps
            ? Finished()
            : new TrainingResult(run, log, Finished: false);
    }

    private TrainingResult Finished()
    {
        if (!File.Exists(run.Animation))
            ProgressAnimation.Write(run);
        return new TrainingResult(run, log, Finished: true);
    }

    private TrainingState EndEpoch(TrainingState state, TensorBoardWriter board)
    {
        var epoch = (int)(state.Step / recipe.StepsPerEpoch);
        var share = dataClock.Elapsed / epochClock.Elapsed;
        var validation = Validates(epoch) ? Validate(epoch, state, board) : null;
        var validationLoss = validation is null ? null : ValidationLoss();
        var rate = LearningRate.At(recipe, state.Step - 1, log);
        log.Add(
            new(
                epoch,
                state.Step,
                state.Losses.Average(),
                rate,
                Math.Round(epochClock.Elapsed.TotalSeconds, 3),
                validation
            )
            {
                ValidationLoss = validationLoss,
                Losses = state.Losses,
                DataShare = Math.Round(share, 4),
            }
        );
        epochClock.Restart();
        dataClock.Reset();
        state = state with { Losses = [], Best = Math.Max(state.Best, validation?.Mean ?? -1) };
        board.Show(log[^1]);
        // The log first: resuming drops lines newer than the checkpoint.
        RunLog.Write(run.LogFile, log);
        checkpoints.SaveLast(learner, state);
        line.ReportEpoch(log[^1]);
        return state;
    }

    private bool Validates(int epoch) =>
        setup.Data.Validation.Count > 0
        && (epoch % recipe.ValidateEvery == 0 || epoch == recipe.Epochs);

    // Not cancellable: the epoch's record must be complete.
    private ValidationRecord Validate(int epoch, TrainingState state, TensorBoardWriter board)
    {
        var cases = setup.Data.Validation;
        var done = 0;
        using var _ = learner.UseEmaWeights();
        var windows = new SlidingWindow(
            learner.Network,
            setup.Patch,
            request.Precision,
            request.Device
        );
        var validation = Validation.Run(
            windows,
            cases,
            setup.Description.Labels.Count,
            (one, predicted) =>
            {
                progress.Report(new Progress("validating", ++done, cases.Count, one.Id));
                monitored.Record(one, predicted);
            }
        );
        var snapshot = monitored.Draw(
            FormattableString.Invariant(
                $"epoch {epoch} of {recipe.Epochs}  loss {state.Losses.Average():0.000}  Dice {validation.Mean:0.000}"
            ),
            windows
        );
        board.Show(epoch, state.Step, snapshot);
        if (validation.Mean > state.Best)
            checkpoints.SaveBest(learner, state with { Losses = [], Best = validation.Mean });
        return validation;
    }

    private double? ValidationLoss()
    {
        using var _ = learner.UseEmaWeights();
        return setup.ValidationBatches().Average(batch => (double?)learner.LossOf(batch));
    }

    private IEnumerable<(int Epoch, int Step)> Schedule(long from)
    {
        for (var step = from; step < recipe.Steps; step++)
            yield return ((int)(step / recipe.StepsPerEpoch), (int)(step % recipe.StepsPerEpoch));
    }
}
