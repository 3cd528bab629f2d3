using KneeSeg.Data.Datasets;
using KneeSeg.Data.Fingerprints;
using KneeSeg.Imaging;
using KneeSeg.Runs;
using KneeSeg.Torch;
using KneeSeg.Torch.Native;
using KneeSeg.Training.Timing;
using static System.FormattableString;
using static TorchSharp.torch;

namespace KneeSeg.Experiments.Planning;

/// <summary>What to plan.</summary>
/// <param name="Data">The dataset, or several that are trained on together.</param>
/// <param name="Out">The folder of the plan.</param>
/// <param name="Memory">The memory limit of training in bytes; null for the free memory.</param>
/// <param name="Time">The time for training; null for two hours.</param>
/// <param name="PredictMemory">The memory limit of predicting the largest image in bytes; null for none.</param>
public sealed record PlanRequest(
    IReadOnlyList<string> Data,
    string Out,
    long? Memory = null,
    TimeSpan? Time = null,
    long? PredictMemory = null
);

/// <summary>Plans a network and its training for a dataset: measures the data and this machine, ranks candidates, writes the best.</summary>
public static class PlanJob
{
    private static readonly TimeSpan UsualTime = TimeSpan.FromHours(2);

    // Of measuring the chosen network's step.
    private const double MostCheckSeconds = 20;

    private const int CheckedSteps = 3;

    /// <summary>Plans.</summary>
    /// <param name="request">What to plan.</param>
    /// <param name="progress">Receives progress, and what was decided.</param>
    /// <param name="cancel">Stops between cases and steps.</param>
    /// <exception cref="ProblemException">
    /// The data are invalid or too few (exit 3), nothing fits into the limits, or there is a plan in the folder (exit 6).
    /// </exception>
    public static void Run(
        PlanRequest request,
        IProgressSink progress,
        CancellationToken cancel = default
    )
    {
        // It may have been edited.
        if (PlanFolder.NetworkOf(request.Out) is not null)
            throw new ProblemException(
                ExitCode.Resources,
                request.Out,
                "there is a plan already",
                "Choose another folder, or remove this one"
            );
        var dataset = DatasetFolder.Open(request.Data);
        Check(dataset);
        PlannedData data = new(
            DatasetFingerprint.Read(
                dataset,
                at => progress.Report(new Progress("measuring cases", at.Done, at.Total, at.Case)),
                cancel
            )
        );
        if (!data.Fingerprint.In(Split.Train).Any(one => one.Structures.Count > 0))
            throw new ProblemException(
                ExitCode.Data,
                dataset.Folder,
                "the labels of the training cases are empty",
                "Draw them; kneeseg validate lists every problem"
            );
        NativeStart.Initialize();
        PlanLimits limits = new(
            request.Memory ?? Processor.FreeMemory,
            request.Time ?? UsualTime,
            request.PredictMemory
        );
        var plan = Plan(data, limits, progress, cancel);
        PlanFolder.Write(request.Out, plan);
        foreach (var decision in plan.Decisions)
            progress.Say($"{decision.What, -18}{decision.Chosen}");
        progress.Say(
            $"training takes about {DurationText.Of(TimeSpan.FromSeconds(plan.Best.Seconds))} and {ByteSize.Of(plan.Best.Memory)} of memory"
        );
    }

    private static FinishedPlan Plan(
        PlannedData data,
        PlanLimits limits,
        IProgressSink progress,
        CancellationToken cancel
    )
    {
        var elementBytes = Autocast.Width(Precision.Auto, CPU);
        var recipe = new Recipe { Augmentation = Decisions.Augmentation(data) };
        var calibration = Calibration.Measure(
            recipe,
            data.Channels,
            data.Classes,
            Precision.Auto,
            limits.Time,
            progress,
            cancel
        );
        Planner planner = new(data, limits, calibration.Model, calibration.Program, elementBytes);
        progress.Report(new Progress("ranking networks", 0, 1));
        var ranked = planner.Rank();
        var measured = StepSeconds(ranked[0], recipe, progress, cancel);
        var best = measured is { } seconds ? planner.Measured(ranked[0], seconds) : ranked[0];
        return new(
            data,
            limits,
            calibration,
            ranked,
            best,
            measured,
            Decisions.Of(data, limits, planner, best, ranked),
            recipe with
            {
                Patch = best.PatchSize,
                BatchSize = best.Batch,
                Epochs = best.Schedule.Epochs,
                StepsPerEpoch = best.Schedule.StepsPerEpoch,
                ValidateEvery = best.Schedule.ValidateEvery,
                Spacing = best.Spacing.SequenceEqual(data.MedianSpacing) ? null : Mm(best.Spacing),
            },
            get_num_threads(),
            elementBytes
        );
    }

    // The estimate that matters most is not left to the fit.
    private static double? StepSeconds(
        Candidate best,
        Recipe recipe,
        IProgressSink progress,
        CancellationToken cancel
    )
    {
        if ((CheckedSteps + 2) * best.StepSeconds > MostCheckSeconds)
            return null;
        progress.Report(new Progress("measuring the network", 0, 1));
        return StepTimer
            .Measure(
                best.Graph,
                recipe with
                {
                    Patch = best.PatchSize,
                    BatchSize = best.Batch,
                },
                Mm(best.Spacing),
                Precision.Auto,
                CheckedSteps,
                cancel
            )
            .Step;
    }

    private static ModelSpacing Mm(double[] spacing) => new(spacing[0], spacing[1], spacing[2]);

    private static void Check(Dataset dataset)
    {
        var train = dataset.In(Split.Train).Count();
        if (train < 2)
            throw new ProblemException(
                ExitCode.Data,
                dataset.Folder,
                Invariant(
                    $"{train} training case{(train == 1 ? "" : "s")}: a plan needs at least 2 to see how images differ"
                ),
                "Give more cases the split \"train\""
            );
    }
}
