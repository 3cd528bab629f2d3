using KneeSeg.Bench.Training;
using KneeSeg.Dsl;
using KneeSeg.Inference.Tiling;
using KneeSeg.Runs;
using KneeSeg.Torch;
using KneeSeg.Torch.Native;
using KneeSeg.Training;
using KneeSeg.Training.Losses;
using static TorchSharp.torch;

namespace KneeSeg.Bench;

/// <summary>
/// A training step and a prediction of networks on one image, against their operations as libtorch comes. Each in a process of its
/// own.
/// </summary>
internal static class NetworkBench
{
    /// <summary>The word that makes this program one side.</summary>
    public const string Child = "network";

    private const int Turns = 3;
    private const int Classes = 7;

    // At least so many voxels along an axis of volumes, and of images, and two of the coarsest map.
    private const int Volume = 48;
    private const int Image = 160;

    private static readonly Recipe Recipe = new();

    /// <summary>Every network of the zoo, at sizes that are alike.</summary>
    /// <param name="only">One network; null for all.</param>
    public static IEnumerable<Ratio> Zoo(string? only) =>
        Networks
            .All.Select(one => one.Name)
            .Where(name => only is null || name == only)
            .SelectMany(name =>
                Measure(
                    name,
                    BenchSize.Of(Networks.Load(name, 1, Classes), Volume, Image, coarsest: 2)
                )
            );

    /// <summary>A 3D U-Net of more and more voxels, and of more and more channels.</summary>
    public static IEnumerable<Ratio> Scaling() =>
        new[] { 32, 48, 64, 96, 128 }
            .Select(side => ("unet3d+width=0.25", side))
            .Concat(
                new[] { "0.0625", "0.125", "0.25", "0.5", "1" }.Select(width =>
                    ($"unet3d+width={width}", 64)
                )
            )
            .SelectMany(one => Measure(one.Item1, [one.Item2, one.Item2, one.Item2]));

    private static IEnumerable<Ratio> Measure(string name, int[] size)
    {
        var lengths = string.Join('x', size);
        foreach (var work in new[] { "training", "predicting" })
        {
            using var ours = Peer.Own(Child, name, lengths, work, "ours");
            using var plain = Peer.Own(Child, name, lengths, work, "plain");
            yield return Ratio.Measure($"{name}, {lengths}, {work}", ours.Work, plain.Work, Turns);
        }
    }

    /// <summary>One side, which works as often as it is asked.</summary>
    public static void Serve(string name, int[] size, string work, string side)
    {
        if (side == "ours")
            NativeStart.Initialize();
        else
            Steps.LoadPlain();
        var graph = Networks.Load(name, channels: 1, Classes);
        var patch = ModelInput.Of(graph, size);
        Peer.Serve(
            (work, side) switch
            {
                ("training", "ours") => Steps.Ours(
                    new TorchNetwork(graph, seed: 1),
                    Recipe,
                    patch,
                    Classes,
                    rate: 1e-4
                ),
                ("training", _) => PlainSteps(graph, patch),
                (_, "ours") => Predictions(graph, patch),
                _ => PlainPredictions(graph, patch),
            }
        );
    }

    private static Action PlainSteps(Graph graph, ModelInput patch)
    {
        var plain = new PlainPass(graph);
        var optimizer = optim.AdamW(plain.Network.parameters(), 1e-4);
        var lossOf = Loss.Of(Recipe.Loss);
        var (image, labels, position) = BatchTensors.Of(
            NoiseBatch.Of(patch, 1, Classes),
            patch,
            CPU
        );
        return Steps.Plain(
            plain.Network,
            optimizer,
            clip: 5,
            () => lossOf(plain.Logits(image, position), labels)
        );
    }

    private static Action Predictions(Graph graph, ModelInput patch)
    {
        var network = new TorchNetwork(graph, seed: 1);
        network.eval();
        network.FoldBatchNorm();
        var (image, _, position) = BatchTensors.Of(NoiseBatch.Of(patch, 1, Classes), patch, CPU);
        return () =>
        {
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            using var computing = Autocast.Enter(Precision.Auto);
            _ = network.forward(image, position);
        };
    }

    private static Action PlainPredictions(Graph graph, ModelInput patch)
    {
        var plain = new PlainPass(graph);
        plain.Network.eval();
        var (image, _, position) = BatchTensors.Of(NoiseBatch.Of(patch, 1, Classes), patch, CPU);
        return () =>
        {
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            _ = plain.Logits(image, position);
        };
    }
}
