using KneeSeg.Data.Augmenting;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Patches;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Dsl;
using KneeSeg.Inference.Tiling;
using KneeSeg.Runs;
using KneeSeg.Torch;

namespace KneeSeg.Training;

/// <summary>Everything needed to train: network, data, patch size, manifest.</summary>
internal sealed class TrainingSetup
{
    private readonly TrainingRequest request;
    private readonly PatchSampler sampler;

    public TrainingSetup(
        TrainingRequest request,
        Graph graph,
        ModelInput patch,
        PreprocessedDataset data,
        RunManifest description
    )
    {
        this.request = request;
        (Graph, Patch, Data, Description) = (graph, patch, data, description);
        sampler = SamplerOf(request.Recipe, patch, data.Train, data.Mirror);
    }

    /// <summary>The sampler of a recipe's patches.</summary>
    public static PatchSampler SamplerOf(
        Recipe recipe,
        ModelInput patch,
        IReadOnlyList<PreprocessedCase> cases,
        FlipAugmentation mirror
    ) =>
        new(
            cases,
            new PatchSamplingOptions(
                patch.Size,
                patch.Kind,
                recipe.ForegroundFraction,
                recipe.Mirror ? mirror : FlipAugmentation.None,
                Augmentation.Of(recipe.Augmentation)
            )
            {
                Distribution = recipe.Sampling,
                ResampleEmpty = recipe.ResampleEmpty,
                Synthetic = recipe.Synthetic,
                Slices = patch.Slices,
            },
            recipe.Seed
        );

    public Graph Graph { get; }

    public ModelInput Patch { get; }

    public PreprocessedDataset Data { get; }

    public RunManifest Description { get; private set; }

    /// <summary>This process's patches of a step: all, or those of its rank.</summary>
    public PatchBatch Batch(int epoch, int step)
    {
        var share = request.Recipe.BatchSize / request.Ranks.Count;
        return sampler.Batch(epoch, step, share, request.Ranks.Rank * share);
    }

    /// <summary>The center patch of each validation case, as in the published tables.</summary>
    public IEnumerable<PatchBatch> ValidationBatches()
    {
        var options = new PatchSamplingOptions(
            Patch.Size,
            Patch.Kind,
            0,
            FlipAugmentation.None,
            Augmentation.None
        )
        {
            Distribution = CropDistribution.Centered,
            Slices = Patch.Slices,
        };
        return Data.Validation.Select(one => new PatchSampler([one], options, 0).Batch(0, 0, 1));
    }

    /// <summary>A learner with fresh weights.</summary>
    /// <param name="segmentStarts">The first nodes of activation checkpointing segments; see <see cref="TrainingForward"/>.</param>
    public Learner Learner(int[] segmentStarts) =>
        new(
            new TorchNetwork(Graph, request.Recipe.Seed, request.Device)
            {
                Kernels = request.Kernels,
            },
            request.Recipe,
            Patch,
            Description.Preprocessing.Spacing,
            request.Precision,
            request.Device,
            request.Ranks,
            segmentStarts
        );

    /// <summary>Writes the manifest, or checks that the folder's manifest matches.</summary>
    /// <exception cref="ProblemException">It holds another run (exit 5), or can't be written (exit 6).</exception>
    public void Enter(RunFolder run)
    {
        if (!File.Exists(run.RunFile))
        {
            AtomicFile.WriteText(run.RunFile, Description.Write());
            return;
        }
        var existing = run.Describe();
        if (request.InitFrom is not null && existing.From is "")
            throw new ProblemException(
                ExitCode.Checkpoint,
                run.Root,
                "holds a run with random initialization",
                "Choose another --run, or omit --init-from"
            );
        if (RunConflict.Between(existing, Description) is { } conflict)
            throw new ProblemException(ExitCode.Checkpoint, run.Root, conflict.What, conflict.Fix);
        // Initial weights are read from the folder; the source run may be gone.
        Description = Description with
        {
            From = existing.From,
        };
    }
}
