using KneeSeg.Data;
using KneeSeg.Dsl;
using KneeSeg.Inference;
using KneeSeg.Runs;
using KneeSeg.Torch;

namespace KneeSeg.Training;

/// <summary>Everything that is settled before a tensor exists: network, data in memory, patch, description.</summary>
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
        var recipe = request.Recipe;
        sampler = new PatchSampler(
            data.Train,
            new PatchSamplingOptions(
                patch.Size,
                patch.Kind,
                recipe.ForegroundFraction,
                recipe.Mirror ? data.Mirror : FlipAugmentation.None,
                SamplingChoice.Augmentation(recipe)
            )
            {
                Distribution = SamplingChoice.Law(recipe),
                ResampleEmpty = recipe.ResampleEmpty,
            },
            recipe.Seed
        );
    }

    public Graph Graph { get; }

    public ModelInput Patch { get; }

    public PreprocessedDataset Data { get; }

    public RunManifest Description { get; private set; }

    /// <summary>The patches of a step.</summary>
    public PatchBatch Batch(int epoch, int step) =>
        sampler.Batch(epoch, step, request.Recipe.BatchSize);

    /// <summary>The patch in the middle of each validation case, as the published tables validate.</summary>
    public IEnumerable<PatchBatch> ValidationBatches()
    {
        var rule = new PatchSamplingOptions(
            Patch.Size,
            Patch.Kind,
            0,
            FlipAugmentation.None,
            Augmentation.None
        )
        {
            Distribution = CropDistribution.Centered,
        };
        return Data.Validation.Select(one => new PatchSampler([one], rule, 0).Batch(0, 0, 1));
    }

    /// <summary>A learner with fresh weights.</summary>
    /// <param name="cuts">The network's nodes that begin a segment to be computed twice; see <see cref="TorchNetwork.ForwardForTraining"/>.</param>
    public Learner Learner(int[] cuts) =>
        new(
            new TorchNetwork(Graph, request.Recipe.Seed, request.Device),
            request.Recipe,
            Patch,
            request.Precision,
            request.Device,
            cuts
        );

    /// <summary>Writes what is run on what, or checks that the folder holds just that.</summary>
    /// <exception cref="ProblemException">It holds another run (exit 5), or can't be written (exit 6).</exception>
    public void Enter(RunFolder run)
    {
        if (!File.Exists(run.RunFile))
        {
            AtomicFile.WriteText(run.RunFile, Description.Write());
            return;
        }
        var there = run.Describe();
        if (request.InitFrom is not null && there.From is "")
            throw new ProblemException(
                ExitCode.Checkpoint,
                run.Root,
                "holds a run that began with fresh weights",
                "Choose another --run, or leave out --from"
            );
        if (RunConflict.Between(there, Description) is { } conflict)
            throw new ProblemException(ExitCode.Checkpoint, run.Root, conflict.What, conflict.Fix);
        // The weights that it began with are in the folder; where they came from may have gone.
        Description = Description with
        {
            From = there.From,
        };
    }
}
