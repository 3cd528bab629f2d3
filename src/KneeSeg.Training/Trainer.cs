using System.Diagnostics;
using KneeSeg.Data;
using KneeSeg.Inference;
using KneeSeg.Runs;
using KneeSeg.Torch;

namespace KneeSeg.Training;

/// <summary>
/// Trains a network on a dataset. The same request again goes on where the run was, and ends with the same
/// weights as if it had never stopped.
/// </summary>
public static class Trainer
{
    /// <summary>Trains until the recipe's last epoch, or until cancelled.</summary>
    /// <param name="request">What to train on what.</param>
    /// <param name="progress">Hears how far it is, and a line an epoch.</param>
    /// <param name="cancel">Ends after the step that is under way; the run is saved.</param>
    /// <exception cref="Dsl.SpecException">The network can't be built, or not with this patch.</exception>
    /// <exception cref="ProblemException">
    /// The data have a fault (exit 3), the folder holds another run or a torn checkpoint (exit 5), is in use
    /// or can't be written (exit 6), or a loss is not finite (exit 7).
    /// </exception>
    public static TrainingResult Run(
        TrainingRequest request,
        IProgressSink progress,
        CancellationToken cancel = default
    )
    {
        var run = RunFolder.At(request.Run);
        var setup = TrainingSetup.Prepare(request, progress, cancel);
        using var _ = run.Lock();
        setup.Enter(run);
        MemoryBudget.Check(
            setup.Graph,
            setup.Patch.Lengths,
            request.Recipe,
            request.Precision,
            request.Device,
            progress
        );
        NativeStart.Initialize();
        var network = new TorchNetwork(setup.Graph, request.Recipe.Seed, request.Device);
        using var learner = new Learner(
            network,
            request.Recipe,
            setup.Patch,
            request.Precision,
            request.Device
        );
        return new Loop(request, setup, run, learner, progress).Run(cancel);
    }

    /// <summary>The loop over epochs and steps.</summary>
    private sealed class Loop(
        TrainingRequest request,
        TrainingSetup setup,
        RunFolder run,
        Learner learner,
        IProgressSink progress
    )
    {
        private readonly Recipe recipe = request.Recipe;
        private readonly Checkpoints checkpoints = new(run, setup.Description);
        private readonly Stopwatch clock = Stopwatch.StartNew();
        private List<EpochRecord> log = [];

        private long Total => (long)recipe.Epochs * recipe.StepsPerEpoch;

        public TrainingResult Run(CancellationToken cancel)
        {
            var state = checkpoints.Resume(learner, progress);
            log = [.. RunLog.Read(run.LogFile).Where(epoch => epoch.Step <= state.Step)];
            if (state.Step > 0)
                progress.Say(
                    state.Step == Total
                        ? $"already trained: {recipe.Epochs} epochs are done"
                        : $"going on after step {state.Step} of {Total}"
                );
            using var loader = new PatchLoader(Schedule(state.Step), setup.Batch);
            clock.Restart();
            while (state.Step < Total && !cancel.IsCancellationRequested)
            {
                var loss = learner.Step(loader.Next()!, state.Step, Rate(state.Step));
                state = state with { Step = state.Step + 1, LossSum = state.LossSum + loss };
                Report(state);
                if (state.Step % recipe.StepsPerEpoch == 0)
                    state = EndEpoch(state);
            }
            if (state.Step % recipe.StepsPerEpoch != 0)
                checkpoints.SaveLast(learner, state);
            return new TrainingResult(run, log, state.Step == Total);
        }

        private RunState EndEpoch(RunState state)
        {
            var epoch = (int)(state.Step / recipe.StepsPerEpoch);
            var validation = Validates(epoch) ? Validate() : null;
            log.Add(
                new EpochRecord(
                    epoch,
                    state.Step,
                    state.LossSum / recipe.StepsPerEpoch,
                    Rate(state.Step - 1),
                    Math.Round(clock.Elapsed.TotalSeconds, 3),
                    validation
                )
            );
            clock.Restart();
            var better = validation is not null && validation.Mean > state.Best;
            state = state with { LossSum = 0, Best = better ? validation!.Mean : state.Best };
            if (better)
                checkpoints.SaveBest(learner, state);
            // The log first: a resumed run drops lines that no checkpoint knows.
            RunLog.Write(run.LogFile, log);
            checkpoints.SaveLast(learner, state);
            progress.Say(Line(log[^1]));
            return state;
        }

        private double Rate(long step) =>
            LearningRate.At(recipe, step, [.. log.TakeWhile(epoch => epoch.Step <= step)]);

        private bool Validates(int epoch) =>
            setup.Data.Validation.Count > 0
            && (epoch % recipe.ValidateEvery == 0 || epoch == recipe.Epochs);

        // Cancelling does not reach here: the epoch's line must not depend on it.
        private ValidationRecord Validate() =>
            Validation.Run(
                new SlidingWindows(learner.Network, setup.Patch, request.Precision, request.Device),
                setup.Data.Validation,
                setup.Description.Labels.Count
            );

        private IEnumerable<(int Epoch, int Step)> Schedule(long from)
        {
            for (var step = from; step < Total; step++)
                yield return (
                    (int)(step / recipe.StepsPerEpoch),
                    (int)(step % recipe.StepsPerEpoch)
                );
        }

        private void Report(RunState state)
        {
            var inEpoch = (state.Step - 1) % recipe.StepsPerEpoch + 1;
            var epoch = (state.Step - 1) / recipe.StepsPerEpoch + 1;
            var dice = log.LastOrDefault(one => one.Validation is not null)?.Validation?.Mean;
            progress.Report(
                new Progress(
                    "training",
                    state.Step,
                    Total,
                    $"epoch {epoch}/{recipe.Epochs}  loss {state.LossSum / inEpoch:0.000}"
                        + (dice is null ? "" : $"  Dice {dice:0.000}")
                )
            );
        }

        private string Line(EpochRecord epoch) =>
            $"epoch {epoch.Epoch, 3}/{recipe.Epochs}  loss {epoch.Loss:0.000}  {epoch.Seconds:0.0} s"
            + (
                epoch.Validation is { } v
                    ? $"  validation Dice {v.Mean:0.000} ({string.Join(" ", v.Dice.Select(d => d is null ? "–" : $"{d:0.00}"))})"
                    : ""
            );
    }
}
