using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Data.Validation;
using KneeSeg.Dsl;
using KneeSeg.Imaging;
using KneeSeg.Inference.Tiling;
using KneeSeg.Runs;
using KneeSeg.Torch;
using KneeSeg.Torch.Checkpoints;
using KneeSeg.Training;
using KneeSeg.Weights;
using KneeSeg.Weights.Matching;
using static TorchSharp.torch;

namespace KneeSeg.Experiments.Import;

/// <summary>What to import, and what a checkpoint does not tell.</summary>
/// <param name="Checkpoint">A safetensors or PyTorch file.</param>
/// <param name="Spec">The network whose weights it has.</param>
/// <param name="Recipe">Spacing, intensity rule and patch are what images are prepared by.</param>
/// <param name="Run">The folder of the run to make.</param>
public sealed record ImportRequest(string Checkpoint, NetworkSpec Spec, Recipe Recipe, string Run)
{
    /// <summary>A dataset with the labels, channels and voxel spacing of the images that it was trained on; null for none.</summary>
    public string? Data { get; init; }

    /// <summary>A known label map, or the structures in the order of their numbers separated by commas, where there is no dataset.</summary>
    public string? Labels { get; init; }

    /// <summary>A file with the match of layers; a proposal is written where there is none yet. Null for none.</summary>
    public string? Keys { get; init; }
}

/// <summary>Makes a run of weights that another program trained: it predicts, and others are initialized from it.</summary>
public static class CheckpointImport
{
    private const int Listed = 20;

    /// <summary>Imports a checkpoint.</summary>
    /// <param name="request">What to import.</param>
    /// <param name="progress">Receives what was recognized and what was assumed.</param>
    /// <exception cref="SpecException">The network can't be built.</exception>
    /// <exception cref="ProblemException">
    /// Something that the checkpoint does not tell is missing (exit 2); it can't be read, does not fit, or its match has to be
    /// confirmed (exit 5).
    /// </exception>
    public static void Run(ImportRequest request, IProgressSink progress)
    {
        if (RunFolder.Exists(request.Run))
            throw new ProblemException(
                ExitCode.Usage,
                request.Run,
                "is a run already",
                "Give another folder to --run, or remove it"
            );
        var dataset = request.Data is { } data ? DatasetFolder.Open(data) : null;
        var profile = request.Recipe.Binary
            ? LabelSchema.Binary
            : dataset?.Profile ?? Named(request);
        var graph = Trainer.Check(request.Spec, request.Recipe, profile, dataset?.Channels ?? []);
        var manifest = Manifest(request, graph, dataset, profile);
        using var file = WeightsFile.Open(request.Checkpoint);
        using var network = new TorchNetwork(graph, seed: null, CPU);
        var match = Matched(request, file, network, progress);
        var notFinite = ImportedWeights.Load(file, network, match.Pairs);
        if (notFinite > 0)
            progress.Say($"warning: {notFinite} weights are not finite numbers");
        ImportedWeights.Save(network, manifest, RunFolder.At(request.Run));
        var (mm, shape) = (manifest.Preprocessing.Spacing, manifest.Recipe.Patch);
        progress.Say(
            $"assumed: axes to the right, down and to the back; voxels of {mm.Depth}x{mm.Height}x{mm.Width} mm; intensities by {request.Recipe.Intensity.Default.ToString().ToLowerInvariant()}; windows of {shape}"
        );
    }

    private static LabelSchema Named(ImportRequest request)
    {
        if (request.Labels is not { } labels)
            throw new ProblemException(
                ExitCode.Usage,
                "import",
                "a checkpoint does not tell which structures it segments",
                "Give --data DATASET, or --labels with a label map or names, as in --labels background,femur,tibia"
            );
        if (LabelSchema.Find(labels) is { } known)
            return known;
        string[] names = labels.Split(',', StringSplitOptions.TrimEntries);
        return names.Length > 1 && names.All(name => name != "")
            ? new(Path.GetFileNameWithoutExtension(request.Checkpoint), names)
            : throw new ProblemException(
                ExitCode.Usage,
                $"--labels {labels}",
                "is neither a label map nor a list of names",
                $"Write {string.Join(", ", LabelSchema.Known.Select(one => one.Name))}, or the names separated by commas, the background first"
            );
    }

    private static ModuleMatch Matched(
        ImportRequest request,
        WeightsFile file,
        TorchNetwork network,
        IProgressSink progress
    )
    {
        var own = ImportedWeights.Modules(network, inHeads: false);
        var heads = ImportedWeights.Modules(network, inHeads: true);
        var match =
            request.Keys is { } keys && File.Exists(keys)
                ? KeyFile.Read(keys, [.. own, .. heads], file)
                : ModuleMatch.Of(own, heads, file);
        progress.Say(
            $"{file.Path}: {file.Tensors.Count} tensors"
                + (file.Place is "" ? "" : $" of its dictionary {file.Place}")
                + (file.Prefix is "" ? "" : $", all named {file.Prefix}…")
        );
        if (match.Differences is not [])
            throw new ProblemException(
                ExitCode.Checkpoint,
                file.Path,
                $"does not fit {network.Graph.Name}:{ImportedWeights.Block(match.Differences)}",
                match.By is null
                    ? "Change the spec, or match the layers in a file: --keys FILE writes one where there is none"
                    : "Declare the network that was trained; its last layer has an output for each structure of --labels or --data"
            );
        if (match.By is null)
            throw Unconfirmed(request, file, match);
        progress.Say($"layers: {match.Pairs.Count}, by {match.By}");
        if (match.Unused is not [])
            progress.Say(
                $"left out: {string.Join(", ", match.Unused.Take(Listed))}{(match.Unused.Count > Listed ? " …" : "")}"
            );
        return match;
    }

    private static ProblemException Unconfirmed(
        ImportRequest request,
        WeightsFile file,
        ModuleMatch match
    )
    {
        var proposal = KeyFile.Write(match);
        if (request.Keys is { } keys)
            AtomicFile.WriteText(keys, proposal);
        return new(
            ExitCode.Checkpoint,
            file.Path,
            $"has names of no known program. By order and shape, its layers may be:{ImportedWeights.Block(proposal.TrimEnd().Split('\n'))}",
            request.Keys is { } written
                ? $"Check {written}, which has these lines, and rerun the same command"
                : "Add --keys FILE, which is written with these lines; check it and rerun the same command"
        );
    }

    private static RunManifest Manifest(
        ImportRequest request,
        Graph graph,
        Dataset? dataset,
        LabelSchema profile
    )
    {
        var recipe = request.Recipe;
        var spacing =
            recipe.Spacing
            ?? (dataset is null ? null : (ModelSpacing?)Preprocessor.SpacingFor(dataset))
            ?? throw new ProblemException(
                ExitCode.Usage,
                "import",
                "a checkpoint does not tell which voxel spacing it was trained with",
                "Give --data DATASET, or the spacing, as in --set spacing=0.7x0.4x0.4"
            );
        var patch = ModelInput.Of(
            graph,
            recipe.Patch?.Lengths ?? Networks.DefaultSize(graph),
            recipe.Slices
        );
        return new(
            RunManifest.CurrentFormat,
            graph.Name,
            graph.Hash,
            request.Spec,
            recipe with
            {
                Patch = new(
                    graph.Axes == 2 ? null : patch.Size.Depth,
                    patch.Size.Height,
                    patch.Size.Width
                ),
            },
            patch.Size,
            new(
                spacing,
                Intensity: recipe.Intensity.Default,
                Interpolation: recipe.Interpolation,
                Crop: recipe.CenterCrop
            )
            {
                ByChannel = recipe.Intensity.For(dataset?.Channels ?? []),
            },
            profile.Name,
            profile.Labels,
            dataset?.Name ?? "",
            "",
            Enum.GetValues<Split>().ToDictionary(split => split, _ => (IReadOnlyList<string>)[]),
            RunManifest.ThisVersion
        )
        {
            From = Path.GetFileName(request.Checkpoint),
            Channels = dataset?.Channels is { Count: > 0 } channels ? channels : null,
            Mirror = dataset?.Mirror ?? FlipAugmentation.None,
            IgnoreValue = profile.Ignore,
        };
    }
}
