using KneeSeg.Runs;
using KneeSeg.Torch;
using KneeSeg.Torch.Checkpoints;
using KneeSeg.Weights;
using KneeSeg.Weights.Matching;
using static TorchSharp.torch;

namespace KneeSeg.Experiments.Import;

/// <summary>Weights of other programs in networks, and networks in run folders.</summary>
internal static class ImportedWeights
{
    /// <summary>A network's layers with weights, in the order in which they run.</summary>
    /// <param name="network">The network.</param>
    /// <param name="inHeads">Those of deep supervision instead of all others.</param>
    public static IReadOnlyList<WeightModule> Modules(TorchNetwork network, bool inHeads)
    {
        var modules = WeightModule
            .Of(network.state_dict().Select(pair => (pair.Key, pair.Value.shape)))
            .ToDictionary(module => module.Name);
        return
        [
            .. network
                .Graph.Nodes.Where(node => node.Weights != "")
                .DistinctBy(node => node.Weights)
                .Where(node => node.InHead == inHeads)
                .Select(node => modules[TorchNetwork.NameOf(node)]),
        ];
    }

    /// <summary>Copies a file's weights into a network.</summary>
    /// <returns>How many of them are not finite.</returns>
    public static long Load(
        WeightsFile file,
        TorchNetwork network,
        IEnumerable<(WeightModule Own, WeightModule Theirs)> pairs
    )
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var weights = network.state_dict();
        var notFinite = 0L;
        foreach (var (own, theirs) in pairs)
        foreach (var last in own.Shapes.Keys)
        {
            var tensor = file.Tensors[theirs.TensorName(last)];
            var values = file.Read(tensor);
            notFinite += values.LongCount(value => !float.IsFinite(value));
            // A single slope is spread over the channels.
            weights[own.TensorName(last)].copy_(from_array(values).reshape(tensor.Shape));
        }
        return notFinite;
    }

    /// <summary>Writes a run that predicts with a network.</summary>
    /// <exception cref="ProblemException">The folder can't be written (exit 6).</exception>
    public static void Save(TorchNetwork network, RunManifest manifest, RunFolder run)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(run.Best)!);
        Checkpoint.Save(
            run.Best,
            null,
            network,
            [],
            new Dictionary<string, string> { ["run"] = manifest.Write(), ["step"] = "0" }
        );
        // Last, since it is what makes the folder a run.
        AtomicFile.WriteText(run.RunFile, manifest.Write());
    }
}
