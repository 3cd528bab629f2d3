using KneeSeg.Dsl;
using KneeSeg.Inference.Tiling;
using KneeSeg.Runs;
using KneeSeg.Torch;
using KneeSeg.Torch.Native;
using KneeSeg.Training;
using KneeSeg.Training.Losses;
using KneeSeg.Training.Parallel;
using static TorchSharp.torch;

namespace KneeSeg.Bench.Training;

/// <summary>
/// A training step of the networks of the published tables, by their recipe at 160³: ours against plain TorchSharp in float32, and
/// against ours without kernels of its own. Each in a process of its own.
/// </summary>
internal static class PublishedBench
{
    /// <summary>The word that makes this program one side.</summary>
    public const string Child = "published-step";

    private const int Side = 160;
    private static readonly string[] Networks = ["small-vnet", "small-unet3d", "large-vnet"];

    /// <summary>Two ratios a network.</summary>
    /// <param name="only">One network; null for all.</param>
    public static IEnumerable<Ratio> Run(string? only)
    {
        foreach (var network in Networks.Where(name => only is null || name == only))
        {
            using var ours = Peer.Own(Child, network, "own");
            foreach (var side in new[] { "plain", "libtorch" })
            {
                using var other = Peer.Own(Child, network, side);
                yield return Ratio.Measure($"{network}, {side}", ours.Work, other.Work);
            }
        }
    }

    /// <summary>One side, which steps as often as it is asked.</summary>
    public static void Serve(string network, string side)
    {
        var graph = KneeSeg.Dsl.Networks.Load(network, channels: 1, classes: 1);
        if (side == "plain")
        {
            NativeStart.Load(Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so"));
            set_num_threads(Environment.ProcessorCount);
            Peer.Serve(Plain(graph));
        }
        else
            Peer.Serve(Ours(graph, side == "own" ? KernelChoice.Own : KernelChoice.Libtorch));
    }

    private static Action Ours(Graph graph, KernelChoice kernels)
    {
        var patch = ModelInput.Of(graph, [Side, Side, Side]);
        Learner learner = new(
            new TorchNetwork(graph, seed: 1) { Kernels = kernels },
            Recipes.Named["published-vnet"],
            patch,
            new(1, 1, 1),
            Precision.Auto,
            CPU,
            Ranks.Alone
        );
        var batch = NoiseBatch.Of(patch, 1, classes: 2);
        var step = 0;
        return () => learner.Step(batch, step++, rate: 5e-4);
    }

    private static Action Plain(Graph graph)
    {
        PlainGraph network = new(graph);
        var optimizer = optim.Adam(network.parameters(), 5e-4);
        var lossOf = Loss.Of(LossKind.PooledDice);
        var noise = NoiseBatch.Of(ModelInput.Of(graph, [Side, Side, Side]), 1, classes: 2);
        return () =>
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var image = tensor(noise.Images, [1, 1, Side, Side, Side]);
            var labels = tensor(noise.Labels, [1, Side, Side, Side]).to(int64);
            lossOf(network.forward(image + 1e-4 * randn_like(image)), labels).backward();
            nn.utils.clip_grad_norm_(network.parameters(), 1e6);
            optimizer.step();
        };
    }
}
