using KneeSeg.Dsl;
using KneeSeg.Runs;
using KneeSeg.Torch.PyTorch;
using KneeSeg.Weights;
using static TorchSharp.torch;

namespace KneeSeg.Inference.Export;

/// <summary>Writes the network of a run as a module of PyTorch with its weights.</summary>
public static class PyTorchExport
{
    /// <summary>Writes a Python file, and the weights as safetensors beside it.</summary>
    /// <param name="run">The run folder; its best checkpoint is exported.</param>
    /// <param name="file">The Python file.</param>
    /// <param name="progress">Receives a warning if a corrupt checkpoint is skipped.</param>
    /// <returns>The file of the weights.</returns>
    /// <exception cref="ProblemException">
    /// It is no run (exit 3) or has no intact checkpoint (exit 5), or a file can't be written (exit 6).
    /// </exception>
    public static string Run(string run, string file, IProgressSink progress)
    {
        using var trained = TrainedNetwork.Open(run, CPU, progress, folded: false);
        var weights = Path.ChangeExtension(file, ".safetensors");
        new SafetensorsFile(
            PythonModule.Weights(trained.Network),
            new Dictionary<string, string> { ["format"] = "pt" }
        ).Write(weights);
        var graph = trained.Network.Graph;
        var about = string.Join('\n', About(trained.Run, graph));
        AtomicFile.WriteText(file, PythonModule.Write(graph, about, Path.GetFileName(weights)));
        return weights;
    }

    private static IEnumerable<string> About(RunManifest run, Graph graph)
    {
        var size = graph.Axes == 3 ? "D, H, W" : "H, W";
        var mm = run.Preprocessing.Spacing;
        yield return $"{run.Network}, exported by KneeSeg {RunManifest.ThisVersion}.";
        yield return "";
        yield return $"Input: [N, {graph.Channels}, {size}], normalized; sizes are multiples of {string.Join("x", graph.Multiple)}.";
        var axes = run.Preprocessing.Nnunet is null
            ? "depth to the right, height down, width to the back"
            : "axes as nnU-Net read them from the training images";
        yield return $"Voxels: {mm.Depth} x {mm.Height} x {mm.Width} mm; {axes}.";
        yield return $"Output: logits of {string.Join(", ", run.Labels.Index().Select(label => $"{label.Index} {label.Item}"))}.";
        yield return "";
    }
}
