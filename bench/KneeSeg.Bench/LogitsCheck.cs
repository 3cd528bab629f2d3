using KneeSeg.Dsl;
using KneeSeg.Runs;
using KneeSeg.Torch;
using KneeSeg.Torch.Checkpoints;
using KneeSeg.Weights;
using static TorchSharp.torch;

namespace KneeSeg.Bench;

/// <summary>The logits of a run's network, against those that another program wrote with their image.</summary>
internal static class LogitsCheck
{
    private const float Most = 1e-4f;

    /// <summary>Prints the largest difference; false if it is more than a ten thousandth of the largest logit.</summary>
    public static bool Run(string folder, string file)
    {
        using var peer = WeightsFile.Open(file);
        var run = RunFolder.Open(folder);
        var manifest = run.Describe();
        using var network = new TorchNetwork(
            Networks.Elaborate(manifest.Spec, manifest.InputChannels, manifest.Classes),
            seed: null
        );
        Checkpoint.Load(SafetensorsFile.Read(run.Best), run.Best, network);
        network.eval();
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        Tensor Of(string name) =>
            from_array(peer.Read(peer.Tensors[name])).reshape(peer.Tensors[name].Shape);
        var expected = Of("logits");
        var largest = expected.abs().max().item<float>();
        var difference = (network.forward(Of("image")) - expected).abs().max().item<float>();
        Console.WriteLine(
            $"{manifest.Network}: largest logit {largest:0.0}, largest difference {difference:0.0e+0}"
        );
        return difference <= Most * largest;
    }
}
