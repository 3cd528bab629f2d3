using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Patches;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Data.Validation;
using KneeSeg.Dsl;
using KneeSeg.Imaging;
using KneeSeg.Inference.Quality;
using KneeSeg.Inference.Tiling;
using KneeSeg.Runs;
using KneeSeg.Training.Losses;

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
    // As much context as two cores process in a few seconds; slabs have two neighbors on each side.
    private static readonly ModelSize MostVolume = new(64, 96, 96);
    private static readonly ModelSize MostSlice = new(1, 288, 288);
    private static readonly ModelSize MostSlab = new(5, 160, 160);

    /// <summary>Reads and checks a request.</summary>
    /// <exception cref="SpecException">The network can't be built, or not with the recipe's patch.</exception>
    /// <exception cref="ProblemException">
    /// The recipe's patch has another number of axes, or its outputs are not the network's (exit 2), or there is no dataset (exit 3).
    /// </exception>
    public static TrainingPlan Of(TrainingRequest request)
    {
        var recipe = request.Recipe;
        var dataset = DatasetFolder.Open(request.AllData);
        if (request.Fold is { } fold)
            dataset = fold.Of(dataset);
        if (recipe.Binary && Unlabeled(dataset) is { } partial)
            throw new ProblemException(
                ExitCode.Usage,
                "binary=true",
                $"not every structure is labeled in {partial.Name}, so its background may be foreground",
                "Train on sources that label every structure, or with binary=false"
            );
        var profile = recipe.Binary ? LabelSchema.Binary : dataset.Profile;
        return new(
            request,
            dataset,
            profile,
            Check(request.Spec, recipe, profile, dataset.Channels)
        );
    }

    private static LabelSource? Unlabeled(Dataset dataset) =>
        dataset.Sources.FirstOrDefault(source => source.IsPartial);

    /// <summary>Builds a network, and checks it with a recipe's outputs, and its patch if it names one.</summary>
    public static Graph Check(
        NetworkSpec spec,
        Recipe recipe,
        LabelSchema profile,
        IReadOnlyList<string> channels
    )
    {
        var graph = Networks.Elaborate(
            spec,
            Math.Max(1, channels.Count) * recipe.Slices,
            Classes(recipe, profile)
        );
        NetworkLoss.Check(graph, recipe);
        _ = recipe.Intensity.For(channels);
        if (recipe.Slices > 1 && graph.Axes == 3)
            throw new ProblemException(
                ExitCode.Usage,
                $"--set slices={recipe.Slices}",
                $"{graph.Name} is a 3D network, whose patches have as many slices as --patch says",
                "Choose a 2D network, or leave out slices and set the depth of --patch"
            );
        if (recipe.Patch is not { } patch)
            return graph;
        if (patch.Lengths.Length != graph.Axes)
            throw new ProblemException(
                ExitCode.Usage,
                $"--patch {patch}",
                $"is not a size for a network with {graph.Axes} spatial axes",
                graph.Axes == 3
                    ? "Write depth, height and width, such as 48x96x96"
                    : "Write height and width, such as 96x96"
            );
        Networks.CheckBatch(graph, patch.Lengths, recipe.BatchSize);
        return graph;
    }

    /// <summary>Reads and preprocesses all cases.</summary>
    /// <param name="from">The checkpoint that the run is initialized from; empty for none.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancel">Stops between cases.</param>
    /// <exception cref="ProblemException">A case is invalid (exit 3).</exception>
    public TrainingSetup Prepare(string from, IProgressSink progress, CancellationToken cancel)
    {
        var recipe = Request.Recipe;
        var median = Preprocessor.SpacingFor(Dataset);
        var preprocessor = new Preprocessor(
            recipe.Spacing ?? median,
            Intensity: recipe.Intensity.Default,
            Interpolation: recipe.Interpolation,
            Crop: recipe.CenterCrop,
            Labels: recipe.LabelInterpolation,
            Overlaps: recipe.Overlaps
        )
        {
            ByChannel = recipe.Intensity.For(Dataset.Channels),
        };
        var data = PreprocessedDataset.Load(
            Dataset,
            preprocessor,
            at => progress.Report(new Progress("preprocessing cases", at.Done, at.Total, at.Case)),
            PreprocessedCache.Default,
            cancel,
            warn: progress.Say
        );
        if (recipe.Binary)
            data = data.Binarized();
        var patch = ModelInput.Of(
            Graph,
            recipe.Patch?.Lengths ?? DefaultPatch(Graph, data.Train[0].Size),
            recipe.Slices
        );
        Networks.CheckBatch(Graph, patch.Lengths, recipe.BatchSize);
        var description = new RunManifest(
            RunManifest.CurrentFormat,
            Graph.Name,
            Graph.Hash,
            Request.Spec,
            recipe,
            patch.Size,
            preprocessor,
            Profile.Name,
            Profile.Labels,
            Dataset.Name,
            data.Fingerprint(),
            Enum.GetValues<Split>()
                .ToDictionary(
                    split => split,
                    split => (IReadOnlyList<string>)[.. Dataset.In(split).Select(one => one.Id)]
                ),
            RunManifest.ThisVersion
        )
        {
            From = from,
            Channels = Dataset.Channels is [] ? null : Dataset.Channels,
            Sources = Dataset.Sources is [] ? null : Dataset.Sources,
            IgnoreValue = Dataset.Profile.Ignore,
            Mirror = data.Mirror,
            Images = TrainingImageStatistics.Of(median, data.Train),
            Structures = TrainingStructures.Of(data.Train, Profile.Labels),
            Contents = data
                .Train.Concat(data.Validation)
                .ToDictionary(one => one.Id, one => CaseHashes.Of(one.ImageHash, one.LabelsHash)),
        };
        return new TrainingSetup(Request, Graph, patch, data, description);
    }

    /// <summary>The largest patch size that a network can get if a recipe names none.</summary>
    public static int[] LargestPatch(Graph graph) =>
        DefaultPatch(graph, new(MostVolume.Depth, MostSlice.Height, MostSlice.Width));

    // The patch size if a recipe names none: as much of the images as fits and the network takes.
    private static int[] DefaultPatch(Graph graph, ModelSize volume)
    {
        var kind = ModelInput.Of(graph, new int[graph.Axes]).Kind;
        var most = kind switch
        {
            PatchKind.Slice => MostSlice,
            PatchKind.Slab => MostSlab,
            _ => MostVolume,
        };
        int[] target =
        [
            graph.Slices > 0 ? graph.Slices
            : kind == PatchKind.Slab ? most.Depth
            : Math.Min(most.Depth, volume.Depth),
            Math.Min(most.Height, volume.Height),
            Math.Min(most.Width, volume.Width),
        ];
        return
        [
            .. target[^graph.Axes..]
                .Zip(graph.Multiple, (size, multiple) => Math.Max(1, size / multiple) * multiple),
        ];
    }

    // Binary segmentation has a single output channel.
    private static int Classes(Recipe recipe, LabelSchema profile) =>
        recipe.Binary ? 1 : profile.Classes;
}
