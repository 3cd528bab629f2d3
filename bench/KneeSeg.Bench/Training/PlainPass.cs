using KneeSeg.Dsl;
using KneeSeg.Torch;
using KneeSeg.Torch.Layers;
using static TorchSharp.torch;

namespace KneeSeg.Bench.Training;

/// <summary>
/// Any network as libtorch comes: one of its operations after the other, in its default layout and float32, with every value kept
/// until the end.
/// </summary>
internal sealed class PlainPass
{
    private readonly TorchNetwork network;
    private readonly Node[] nodes;
    private readonly NetworkModule?[] layers;

    /// <param name="graph">The network.</param>
    public PlainPass(Graph graph)
    {
        network = new(graph, seed: 1) { Kernels = KernelChoice.Libtorch };
        (nodes, layers) = network.FusedNodes();
        using var quiet = no_grad();
        foreach (var parameter in network.parameters())
            parameter.set_(parameter.contiguous());
    }

    /// <summary>The weights, and whether it trains.</summary>
    public TorchNetwork Network => network;

    /// <summary>The logits <c>[N, classes, (D,) H, W]</c>, in the caller's scope.</summary>
    /// <param name="image"><c>[N, C, (D,) H, W]</c>.</param>
    /// <param name="position"><c>[N, 3]</c>.</param>
    public Tensor Logits(Tensor image, Tensor position)
    {
        using var pass = new ForwardContext(float32, network.training, image, position);
        var values = new Tensor[network.Graph.Nodes.Length];
        foreach (var node in nodes)
            values[node.Id] = node.Op switch
            {
                Op.Input { Name: "image" } => image,
                Op.Input => position.reshape([
                    .. position.shape,
                    .. image.shape[2..].Select(_ => 1L),
                ]),
                _ => layers[node.Id]!.Run(Array.ConvertAll(node.Args, id => values[id]), pass),
            };
        return values[network.Graph.Output];
    }
}
