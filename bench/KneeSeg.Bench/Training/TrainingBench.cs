using KneeSeg.Data.Patches;
using KneeSeg.Dsl;
using KneeSeg.Inference.Tiling;
using KneeSeg.Runs;
using KneeSeg.Specs;
using KneeSeg.Torch;
using KneeSeg.Torch.Native;
using KneeSeg.Training.Losses;
using static TorchSharp.torch;

namespace KneeSeg.Bench.Training;

/// <summary>
/// A training step of a small 3D U-Net as a spec, by Adam on one patch of 64³, against the same network written by hand
/// in plain TorchSharp and float32. Each in a process of its own, since memory settings are a process's.
/// </summary>
internal static class TrainingBench
{
    /// <summary>The word that makes this program one side.</summary>
    public const string Child = "training-step";

    private const int Side = 64;
    private const int Classes = 5;
    private const long Weights = 1_402_037;

    /// <summary>Ours in the precision that the processor has, against the plain one as libtorch comes.</summary>
    public static Ratio Run() => Measure("training", "ours", "plain");

    /// <summary>Ours in float32, against the plain one with our settings of memory.</summary>
    public static Ratio RunFp32() => Measure("training-fp32", "ours-fp32", "plain-tuned");

    /// <summary>Ours in the precision that the processor has, against the same network in the system's PyTorch.</summary>
    public static Ratio RunPyTorch()
    {
        using var ours = Peer.Own(Child, "ours");
        using var peer = Peer.Python("torch_step.py");
        return Ratio.Measure("training-pytorch", ours.Work, peer.Work);
    }

    /// <summary>One side, which steps as often as it is asked.</summary>
    public static void Serve(string side)
    {
        switch (side)
        {
            case "ours":
                Peer.Serve(Ours(Precision.Auto));
                break;
            case "ours-fp32":
                Peer.Serve(Ours(Precision.Fp32));
                break;
            case "plain-tuned":
                NativeStart.Initialize();
                Peer.Serve(Plain());
                break;
            default:
                Steps.LoadPlain();
                Peer.Serve(Plain());
                break;
        }
    }

    private static Ratio Measure(string name, string ours, string plain)
    {
        using var first = Peer.Own(Child, ours);
        using var second = Peer.Own(Child, plain);
        return Ratio.Measure(name, first.Work, second.Work);
    }

    private static Action Ours(Precision precision)
    {
        var graph = Networks.Load(SmallUNet.json, channels: 1, Classes);
        var patch = ModelInput.Of(graph, [Side, Side, Side]);
        TorchNetwork network = new(graph, seed: 1);
        Checked(network.parameters());
        return Steps.Ours(
            network,
            new Recipe
            {
                Optimizer = OptimizerKind.Adam,
                WeightDecay = 0,
                EmaDecay = 0,
            },
            patch,
            Classes,
            rate: 1e-3,
            precision
        );
    }

    private static Action Plain()
    {
        PlainUNet network = new(Classes);
        Checked(network.parameters());
        var optimizer = optim.Adam(network.parameters(), 1e-3);
        var lossOf = Loss.Of(LossKind.DiceCe);
        var noise = NoiseBatch.Of(new(PatchKind.Volume, new(Side, Side, Side)), 1, Classes);
        var image = tensor(noise.Images, [1, 1, Side, Side, Side]);
        var labels = tensor(noise.Labels, [1, Side, Side, Side]).to(int64);
        return Steps.Plain(
            network,
            optimizer,
            clip: 5,
            () => lossOf(network.forward(image), labels)
        );
    }

    private static void Checked(IEnumerable<TorchSharp.Modules.Parameter> parameters)
    {
        var count = parameters.Sum(parameter => parameter.numel());
        if (count != Weights)
            throw new InvalidOperationException($"{count} weights, not {Weights}");
    }
}
