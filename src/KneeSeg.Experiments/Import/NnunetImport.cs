using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Dsl;
using KneeSeg.Imaging.Formats;
using KneeSeg.Inference.LabelRules;
using KneeSeg.Runs;
using KneeSeg.Runs.Nnunet;
using KneeSeg.Torch;
using KneeSeg.Weights;
using KneeSeg.Weights.Matching;
using static TorchSharp.torch;

namespace KneeSeg.Experiments.Import;

/// <summary>Makes runs of the networks that nnU-Net trained: one of each fold.</summary>
public static class NnunetImport
{
    private const string FoldPrefix = "fold_";
    private const string All = "all";

    // The checkpoint that nnU-Net predicts with, and what there is while it trains.
    private static readonly string[] CheckpointFiles =
    [
        "checkpoint_final.pth",
        "checkpoint_best.pth",
    ];

    /// <summary>Imports folds of a configuration.</summary>
    /// <param name="folder">See <see cref="NnunetPlans.AreIn"/>.</param>
    /// <param name="folds">Their names, such as <c>0</c> or <c>all</c>; empty for every one that is there.</param>
    /// <param name="run">The run's folder; of several folds, the folder of their runs.</param>
    /// <param name="progress">Receives what was found.</param>
    /// <returns>The run folders.</returns>
    /// <exception cref="ProblemException">
    /// The plans can't be followed (exit 3), a fold or its weights are missing or do not fit (exit 5), or a run is there already
    /// (exit 2).
    /// </exception>
    public static IReadOnlyList<string> Run(
        string folder,
        IReadOnlyList<string> folds,
        string run,
        IProgressSink progress
    )
    {
        var plans = NnunetPlans.Read(folder);
        var found = NnunetPostprocessing.Read(folder);
        var rules = new Postprocessing([
            .. found
                .Largest.Where(label => label < plans.Labels.Classes)
                .Select(label => new LabelRule(plans.Labels.Labels[label], Largest: true)),
        ]);
        var spec = Networks.OfNnunet(plans.Network);
        var graph = Networks.Elaborate(
            spec,
            Math.Max(1, plans.Channels.Count),
            plans.Labels.Classes
        );
        var checkpoints = Checkpoints(folder, folds);
        var runs = checkpoints
            .Select(file =>
                checkpoints.Count == 1
                    ? run
                    : Path.Combine(run, Path.GetFileName(Path.GetDirectoryName(file)!))
            )
            .ToArray();
        if (runs.FirstOrDefault(RunFolder.Exists) is { } there)
            throw new ProblemException(
                ExitCode.Usage,
                there,
                "is a run already",
                "Give another folder to --run, or remove it"
            );
        foreach (var (file, target) in checkpoints.Zip(runs))
            Import(file, RunFolder.At(target), plans, spec, graph, progress);
        if (rules.Rules.Count > 0)
            rules.Save(Path.Combine(run, Postprocessing.FileName));
        foreach (var other in found.Others)
            progress.Say($"not applied: {other}; tune-postprocessing finds rules that help");
        return runs;
    }

    private static void Import(
        string file,
        RunFolder run,
        NnunetPlans plans,
        NetworkSpec spec,
        Graph graph,
        IProgressSink progress
    )
    {
        using var weights = WeightsFile.Open(file);
        using var network = new TorchNetwork(graph, seed: null, CPU);
        ImportedWeights.Load(weights, network, Matched(weights, network));
        var parts = Path.GetFullPath(file).Split(Path.DirectorySeparatorChar);
        var mirror = Mirror(weights, graph.Axes);
        var manifest = new RunManifest(
            RunManifest.CurrentFormat,
            graph.Name,
            graph.Hash,
            spec,
            new Recipe
            {
                BatchSize = plans.BatchSize,
                Patch = new(
                    graph.Axes == 2 ? null : plans.Patch.Depth,
                    plans.Patch.Height,
                    plans.Patch.Width
                ),
                Spacing = plans.Preprocessing.Spacing,
                Intensity = plans.Preprocessing.Intensity,
                Interpolation = plans.Preprocessing.Interpolation,
                Mirror = mirror.Axes.Count > 0,
            },
            plans.Patch,
            plans.Preprocessing,
            plans.Labels.Name,
            plans.Labels.Labels,
            plans.Dataset,
            "",
            Enum.GetValues<Split>().ToDictionary(split => split, _ => (IReadOnlyList<string>)[]),
            RunManifest.ThisVersion
        )
        {
            From = string.Join('/', parts[^Math.Min(3, parts.Length)..]),
            Mirror = mirror,
            Averaged = WindowAverage.Logits,
            IgnoreValue = plans.Labels.Ignore,
            Channels = plans.Channels is [] ? null : plans.Channels,
        };
        ImportedWeights.Save(network, manifest, run);
        // For a training that starts from these weights.
        AtomicFile.WriteText(Path.Combine(run.Root, "network.json"), spec.Json);
        progress.Say($"{file}: {weights.Tensors.Count} tensors of {graph.Name}");
    }

    private static IReadOnlyList<(WeightModule, WeightModule)> Matched(
        WeightsFile file,
        TorchNetwork network
    )
    {
        var match = ModuleMatch.Of(
            ImportedWeights.Modules(network, inHeads: false),
            ImportedWeights.Modules(network, inHeads: true),
            file
        );
        return match is { By: not null, Differences: [] }
            ? match.Pairs
            : throw new ProblemException(
                ExitCode.Checkpoint,
                file.Path,
                $"does not fit plans.json:{ImportedWeights.Block(match.Differences)}",
                "Import a network that nnU-Net's own trainers made, with the plans of its training"
            );
    }

    private static IReadOnlyList<string> Checkpoints(string folder, IReadOnlyList<string> folds)
    {
        // The network that was trained on all cases is no part of the cross-validation's ensemble.
        string[] there =
        [
            .. Directory
                .EnumerateDirectories(folder, FoldPrefix + "*")
                .Where(fold => CheckpointIn(fold) is not null)
                .OrderBy(fold => fold.EndsWith(All, StringComparison.Ordinal))
                .ThenBy(fold => fold, StringComparer.Ordinal),
        ];
        string[] wanted =
            folds.Count > 0 ? [.. folds.Select(fold => Path.Combine(folder, FoldPrefix + fold))]
            : there.Length > 1
                ? [.. there.Where(fold => !fold.EndsWith(All, StringComparison.Ordinal))]
            : there;
        return wanted is []
            ? throw new ProblemException(
                ExitCode.Checkpoint,
                folder,
                $"has no {FoldPrefix}N with {CheckpointFiles[0]}",
                "Copy the folds from where the network was trained"
            )
            :
            [
                .. wanted.Select(fold =>
                    CheckpointIn(fold)
                    ?? throw new ProblemException(
                        ExitCode.Checkpoint,
                        fold,
                        $"has no {string.Join(" or ", CheckpointFiles)}",
                        "Copy it from where the network was trained, or leave the fold out of --folds"
                    )
                ),
            ];
    }

    private static string? CheckpointIn(string fold) =>
        CheckpointFiles.Select(file => Path.Combine(fold, file)).FirstOrDefault(File.Exists);

    private static FlipAugmentation Mirror(WeightsFile weights, int axes)
    {
        var allowed = weights.Find("inference_allowed_mirroring_axes") switch
        {
            object?[] listed => listed,
            List<object?> listed => [.. listed],
            _ => [],
        };
        return new([.. allowed.OfType<long>().Select(axis => (ModelAxis)(axis + 3 - axes))], []);
    }
}
