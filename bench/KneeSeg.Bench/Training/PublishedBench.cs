using KneeSeg.Dsl;
using KneeSeg.Inference.Tiling;
using KneeSeg.Runs;
using KneeSeg.Torch;
using KneeSeg.Training.Losses;
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
            Steps.LoadPlain();
            Peer.Serve(Plain(graph));
        }
        else
            Peer.Serve(Ours(graph, side == "own" ? KernelChoice.Own : KernelChoice.Libtorch));
    }

    private static Action Ours(Graph graph, KernelChoice kernels) =>
        Steps.Ours(
            new TorchNetwork(graph, seed: 1) { Kernels = kernels },
            Recipes.Named["published-vnet"],
            ModelInput.Of(graph, [Side, Side, Side]),
            classes: 2,
            rate: 5e-4
        );

    private static Action Plain(Graph graph)
    {
        PlainGraph network = new(graph);
        var optimizer = optim.Adam(network.parameters(), 5e-4);
        var lossOf = Loss.Of(LossKind.PooledDice);
        var noise = NoiseBatch.Of(ModelInput.Of(graph, [Side, Side, Side]), 1, classes: 2);
        return Steps.Plain(
            network,
            optimizer,
            clip: 1e6,
            () =>
            {
                var image = tensor(noise.Images, [1, 1, Side, Side, Side]);
                var labels = tensor(noise.Labels, [1, Side, Side, Side]).to(int64);
                return lossOf(network.forward(image + 1e-4 * randn_like(image)), labels);
            }
        );
    }
}
