using System.Text.Json;
using System.Text.Json.Nodes;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Data.Validation;
using KneeSeg.Dsl;
using KneeSeg.Runs;
using KneeSeg.Training.Losses;
using KneeSeg.Training.Optimization;

namespace KneeSeg.Training;

/// <summary>A request validated as far as possible without reading an image.</summary>
/// <param name="Request">The training request.</param>
/// <param name="Dataset">The dataset.</param>
/// <param name="Profile">The label map: the dataset's, or the binary one.</param>
/// <param name="Graph">The network.</param>
internal sealed record TrainingPlan(
    TrainingRequest Request,
    Dataset Dataset,
    LabelSchema Profile,
    Graph Graph
)
{
    /// <summary>Reads and checks a request.</summary>
    /// <exception cref="SpecException">The network can't be built, or not with the recipe's patch.</exception>
    /// <exception cref="ProblemException">The recipe has unknown values (exit 2), or there is no dataset (exit 3).</exception>
    public static TrainingPlan Of(TrainingRequest request)
    {
        var recipe = request.Recipe;
        var dataset = DatasetFolder.Open(request.Data);
        if (request.Fold is { } fold)
            dataset = fold.Of(dataset);
        var profile = recipe.Binary ? LabelSchema.Binary : dataset.Profile;
        return new(request, dataset, profile, Check(request.Spec, recipe, profile));
    }

    /// <summary>Builds and checks a network and a recipe, without data.</summary>
    public static Graph Check(NetworkSpec spec, Recipe recipe, LabelSchema profile)
    {
        var graph = Networks.Elaborate(spec, channels: 1, Classes(recipe, profile));
        PatchChoice.Check(graph, recipe);
        SamplingChoice.Check(recipe);
        _ = (
            Loss.Of(recipe.Loss),
            Optimizer.Kind(recipe),
            LearningRate.Of(recipe),
            PreprocessorChoice.For(recipe)
        );
        return graph;
    }

    /// <summary>Reads and preprocesses all cases.</summary>
    /// <param name="from">The checkpoint that the run is initialized from; empty for none.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancel">Stops between cases.</param>
    /// <exception cref="ProblemException">A case is invalid (exit 3).</exception>
    public TrainingSetup Prepare(string from, IProgressSink progress, CancellationToken cancel)
    {
        var preprocessor = PreprocessorChoice.For(Request.Recipe)(Dataset);
        var data = PreprocessedDataset.Load(
            Dataset,
            preprocessor,
            at => progress.Report(new Progress("preprocessing cases", at.Done, at.Total, at.Case)),
            PreprocessedCache.Default,
            cancel,
            warn: progress.Say
        );
        if (Request.Recipe.Binary)
            data = data.Binarized();
        var patch = PatchChoice.For(Graph, Request.Recipe, data.Train[0].Size);
        var description = new RunManifest(
            RunManifest.CurrentFormat,
            Graph.Name,
            Graph.Hash,
            JsonNode.Parse(Request.Spec.Json)!,
            Request.Recipe,
            [patch.Size.Depth, patch.Size.Height, patch.Size.Width],
            JsonSerializer.SerializeToNode(preprocessor, JsonSerializerOptions.Web)!,
            Profile.Name,
            Profile.Labels,
            Dataset.Name,
            data.Fingerprint(),
            Enum.GetValues<Split>()
                .ToDictionary(
                    split => split.ToString().ToLowerInvariant(),
                    split => (IReadOnlyList<string>)[.. Dataset.In(split).Select(one => one.Id)]
                ),
            RunManifest.ThisVersion
        )
        {
            From = from,
            IgnoreValue = Dataset.Profile.Ignore,
            Mirror = JsonSerializer.SerializeToNode(data.Mirror, JsonSerializerOptions.Web),
            Images = JsonSerializer.SerializeToNode(
                TrainingImageStatistics.Of(
                    Request.Recipe.Spacing is ""
                        ? preprocessor.Spacing
                        : Preprocessor.SpacingFor(Dataset),
                    data.Train
                ),
                JsonSerializerOptions.Web
            ),
            Contents = data
                .Train.Concat(data.Validation)
                .ToDictionary(one => one.Id, one => CaseHashes.Of(one.ImageHash, one.LabelsHash)),
        };
        return new TrainingSetup(Request, Graph, patch, data, description);
    }

    // Binary segmentation has a single output channel.
    private static int Classes(Recipe recipe, LabelSchema profile) =>
        recipe.Binary ? 1 : profile.Classes;
}
