using KneeSeg.Dsl;
using KneeSeg.Runs;
using KneeSeg.Torch.PyTorch;
using KneeSeg.Weights;

namespace KneeSeg.Inference.Export;

/// <summary>Writes the network of a run as a module of PyTorch with its weights.</summary>
public static class PyTorchExport
{
    // What training calls the weights of a checkpoint, among the state of the optimizer.
    private const string Weights = "weights.";

    /// <summary>Writes a Python file, and the weights as safetensors beside it.</summary>
    /// <param name="run">The run folder; its best checkpoint is exported.</param>
    /// <param name="file">The Python file.</param>
    /// <param name="progress">Receives a warning if a corrupt checkpoint is skipped.</param>
    /// <returns>The file of the weights.</returns>
    /// <exception cref="ProblemException">It is no run (exit 3), has no intact checkpoint (exit 5), or a file can't be written (exit 6).</exception>
    public static string Run(string run, string file, IProgressSink progress)
    {
        var folder = RunFolder.Open(run);
        var (checkpoint, path) = SafetensorsFile.ReadFirst(folder.Checkpoints, progress);
        var manifest = RunManifest.Read(checkpoint.Metadata.GetValueOrDefault("run") ?? "", path);
        var graph = Networks.Elaborate(manifest.Spec, manifest.InputChannels, manifest.Classes);
        var names = PythonModule.Names(graph);
        var weights = Path.ChangeExtension(file, ".safetensors");
        var tensors = new Dictionary<string, StoredTensor>();
        foreach (var (name, tensor) in checkpoint.Tensors)
            if (
                name.StartsWith(Weights, StringComparison.Ordinal)
                && name.LastIndexOf('.') is var dot
                && names.TryGetValue(name[Weights.Length..dot], out var layer)
            )
                tensors.Add(layer + name[dot..], tensor);
        new SafetensorsFile(
            tensors,
            new Dictionary<string, string> { ["format"] = "pt", ["network"] = manifest.Network }
        ).Write(weights);
        AtomicFile.WriteText(
            file,
            PythonModule.Write(graph, About(manifest, graph), Path.GetFileName(weights))
        );
        return weights;
    }

    private static IEnumerable<string> About(RunManifest run, Graph graph)
    {
        var (mm, channels) = (run.Preprocessing.Spacing, run.Channels ?? ["image"]);
        yield return $"{run.Network}, as KneeSeg {RunManifest.ThisVersion} trained it on {(run.Data is "" ? "unknown data" : run.Data)}.";
        yield return "";
        yield return $"Input: [N, {graph.Channels}, {(graph.Axes == 3 ? "D, " : "")}H, W] of {string.Join(", ", channels)}{(run.Recipe.Slices > 1 ? $", {run.Recipe.Slices} slices each" : "")}, whose sizes are multiples of {string.Join("x", graph.Multiple)}.";
        yield return $"Voxels are {mm.Depth} x {mm.Height} x {mm.Width} mm; depth runs to the right, height down, width to the back.";
        yield return $"Output: logits of {string.Join(", ", run.Labels.Index().Select(label => $"{label.Index} {label.Item}"))}.";
        yield return "";
    }
}
