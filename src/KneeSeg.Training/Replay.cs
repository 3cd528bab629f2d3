using KneeSeg.Data.Patches;
using KneeSeg.Imaging;
using KneeSeg.Inference.Tiling;
using KneeSeg.Runs;
using KneeSeg.Torch;
using KneeSeg.Torch.Native;

namespace KneeSeg.Training;

/// <summary>Replays a training step: its patches, and its loss bit for bit.</summary>
/// <param name="Step">From 1, as logs count.</param>
/// <param name="Epoch">From 1.</param>
/// <param name="Cases">The patches' cases.</param>
/// <param name="Loss">The replayed loss.</param>
/// <param name="Logged">The logged loss; null if that epoch has not ended yet.</param>
/// <param name="LearningRate">Of the step.</param>
/// <param name="Patches">The step's patches.</param>
/// <param name="Input">Their size and kind.</param>
/// <param name="Spacing">Of their voxels, in mm.</param>
public sealed record Replay(
    long Step,
    int Epoch,
    IReadOnlyList<string> Cases,
    double Loss,
    double? Logged,
    double LearningRate,
    PatchBatch Patches,
    ModelInput Input,
    ModelSpacing Spacing
)
{
    /// <summary>
    /// Trains from the newest checkpoint before a step, or from the start, and replays it.
    /// </summary>
    /// <param name="path">The run's folder; nothing in it changes.</param>
    /// <param name="step">From 1.</param>
    /// <param name="data">The dataset, or several; none for those of the run.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancel">Stops between steps.</param>
    /// <exception cref="ProblemException">
    /// The run has no such step (exit 2), it is not a run or its dataset is missing (exit 3), or the data changed (exit 5).
    /// </exception>
    public static Replay Run(
        string path,
        long step,
        IReadOnlyList<string> data,
        IProgressSink progress,
        CancellationToken cancel = default
    )
    {
        var run = RunFolder.Open(path);
        var description = run.Describe();
        var recipe = description.Recipe;
        if (step < 1 || step > recipe.Steps)
            throw new ProblemException(
                ExitCode.Usage,
                $"--step {step}",
                $"the steps of {path} are 1 to {recipe.Steps}",
                "Choose one of these"
            );
        var start = RunStart.Read(run.StartFile);
        var request = Request(run, description, start, data);
        var setup = TrainingPlan.Of(request).Prepare(description.From, progress, cancel);
        if (RunConflict.Between(description, setup.Description) is { } conflict)
            throw new ProblemException(
                ExitCode.Checkpoint,
                request.Data,
                conflict.What,
                "Pass the original dataset with --data"
            );
        var segmentStarts = MemoryBudget.SegmentStarts(
            request,
            setup,
            start?.Recomputes == true,
            progress
        );
        NativeStart.Initialize();
        using var learner = setup.Learner(segmentStarts);
        var log = RunLog.Read(run.LogFile);
        var at = new Checkpoints(run, description).Resume(learner, progress, latest: step - 1).Step;
        PatchBatch Batch(long at) =>
            setup.Batch((int)(at / recipe.StepsPerEpoch), (int)(at % recipe.StepsPerEpoch));
        double Rate(long at) =>
            Training.Optimization.LearningRate.At(
                recipe,
                at,
                [.. log.TakeWhile(one => one.Step <= at)]
            );

        for (var begun = at; at < step - 1; at++)
        {
            cancel.ThrowIfCancellationRequested();
            progress.Report(new("replaying steps", at - begun, step - 1 - begun));
            learner.Step(Batch(at), at, Rate(at));
        }
        var batch = Batch(at);
        var epoch = log.FirstOrDefault(one => one.Step >= step);
        return new(
            step,
            (int)(at / recipe.StepsPerEpoch) + 1,
            batch.Cases,
            learner.Step(batch, at, Rate(at)).Total,
            epoch?.Losses[(int)(at % recipe.StepsPerEpoch)],
            Rate(at),
            batch,
            setup.Patch,
            setup.Data.Train[0].Spacing
        );
    }

    private static TrainingRequest Request(
        RunFolder run,
        RunManifest description,
        RunStart? start,
        IReadOnlyList<string> data
    )
    {
        if (data is [] && start is not null)
            data = [start.Data, .. start.FurtherData ?? []];
        if (data is [] || !data.All(Path.Exists))
            throw new ProblemException(
                ExitCode.Data,
                data.FirstOrDefault(one => !Path.Exists(one)) ?? run.Root,
                "the run's dataset was not found",
                "Pass it with --data"
            );
        return new(
            description.Spec,
            data[0],
            run.Root,
            description.Recipe,
            Enum.TryParse<Precision>(start?.Precision, ignoreCase: true, out var precision)
                ? precision
                : Precision.Auto,
            DeviceChoice.Resolve(start?.Device ?? "cpu")
        )
        {
            FurtherData = [.. data.Skip(1)],
            Kernels =
                Enum.TryParse<KernelChoice>(start?.Kernels, ignoreCase: true, out var kernels)
                    ? kernels
                : start is null ? KernelChoice.Own
                : KernelChoice.Libtorch,
        };
    }
}
