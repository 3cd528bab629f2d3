using System.Text.Json;
using System.Text.Json.Nodes;
using KneeSeg.Data;
using KneeSeg.Dsl;
using KneeSeg.Inference;
using KneeSeg.Runs;

namespace KneeSeg.Training;

/// <summary>Everything that is settled before a tensor exists: network, data in memory, patch, description.</summary>
internal sealed class TrainingSetup
{
    private readonly PatchSampler sampler;
    private readonly int batch;

    private TrainingSetup(
        Graph graph,
        NetworkPatch patch,
        PreparedDataset data,
        RunDescription description
    )
    {
        (Graph, Patch, Data, Description) = (graph, patch, data, description);
        var recipe = description.Recipe;
        batch = recipe.Batch;
        sampler = new PatchSampler(
            data.Train,
            new PatchRule(
                patch.Size,
                patch.Kind,
                recipe.Foreground,
                recipe.Mirror ? data.Mirror : MirrorRule.None,
                SamplingChoice.Augmentation(recipe)
            )
            {
                Law = SamplingChoice.Law(recipe),
                SkipEmpty = recipe.SkipEmpty,
            },
            recipe.Seed
        );
    }

    public Graph Graph { get; }

    public NetworkPatch Patch { get; }

    public PreparedDataset Data { get; }

    public RunDescription Description { get; }

    /// <summary>The patches of a step.</summary>
    public PatchBatch Batch(int epoch, int step) => sampler.Batch(epoch, step, batch);

    /// <summary>Reads and checks everything. Cheap mistakes are named before long work starts.</summary>
    public static TrainingSetup Prepare(
        TrainingRequest request,
        IProgressSink progress,
        CancellationToken cancel
    )
    {
        var dataset = Dataset.Open(request.Data);
        var profile = request.Recipe.Binary ? LabelProfile.OneTissue : dataset.Profile;
        // One map tells tissue from background.
        var classes = request.Recipe.Binary ? 1 : profile.Classes;
        var graph = Models.Load(request.Spec, channels: 1, classes);
        PatchChoice.Check(graph, request.Recipe);
        SamplingChoice.Check(request.Recipe);
        _ = (
            Loss.Of(request.Recipe.Loss),
            Optimiser.Kind(request.Recipe),
            LearningRate.Of(request.Recipe)
        );
        var preparation = PreparationChoice.For(request.Recipe)(dataset);
        var data = PreparedDataset.Load(
            dataset,
            preparation,
            at => progress.Report(new Progress("preparing knees", at.Done, at.Total, at.Case)),
            PreparedCache.Default,
            cancel
        );
        if (request.Recipe.Binary)
            data = data.AsOneTissue();
        var patch = PatchChoice.For(graph, request.Recipe, data.Train[0].Size);
        var description = new RunDescription(
            1,
            graph.Name,
            graph.Hash,
            JsonNode.Parse(Models.Json(request.Spec, 1, classes))!,
            request.Recipe,
            [patch.Size.Depth, patch.Size.Height, patch.Size.Width],
            JsonSerializer.SerializeToNode(preparation, JsonSerializerOptions.Web)!,
            profile.Name,
            profile.Labels,
            dataset.Name,
            data.Fingerprint(),
            Enum.GetValues<Split>()
                .ToDictionary(
                    split => split.ToString().ToLowerInvariant(),
                    split => (IReadOnlyList<string>)[.. dataset.In(split).Select(one => one.Id)]
                ),
            RunDescription.ThisVersion
        );
        return new TrainingSetup(graph, patch, data, description);
    }

    /// <summary>Writes what is run on what, or checks that the folder holds just that.</summary>
    /// <exception cref="ProblemException">It holds another run (exit 5), or can't be written (exit 6).</exception>
    public void Enter(RunFolder run)
    {
        if (!File.Exists(run.RunFile))
        {
            AtomicFile.WriteText(run.RunFile, Description.Write());
            return;
        }
        var there = RunDescription.Read(File.ReadAllText(run.RunFile), run.RunFile);
        if (there.Conflict(Description) is { } conflict)
            throw new ProblemException(
                ExitCode.Checkpoint,
                run.Root,
                conflict,
                "Choose another --run, or repeat the command that it was started with"
            );
    }
}
