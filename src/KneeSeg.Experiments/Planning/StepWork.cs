using KneeSeg.Dsl;

namespace KneeSeg.Experiments.Planning;

/// <summary>What a training step does, in amounts of the kinds of work that take its time.</summary>
/// <param name="Amounts">By <see cref="Kinds"/>.</param>
internal readonly record struct StepWork(IReadOnlyList<double> Amounts)
{
    // Channels are computed in blocks of so many, whether they are all there or not.
    private const int Block = 16;

    // Larger feature maps are mapped anew by every step, which costs more than what is done with them.
    private const long MappedFrom = 8 << 20;

    /// <summary>The kinds of work.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
    [
        "multiply-accumulates of convolutions",
        "multiply-accumulates of depthwise convolutions",
        "bytes of feature maps",
        "bytes of feature maps above 8 MiB",
        "voxels of patches, their augmentation and loss",
        "parameters",
        "operations",
    ];

    /// <summary>The work of a step.</summary>
    /// <param name="graph">A 3D network.</param>
    /// <param name="patch">Depth, height and width of its input.</param>
    /// <param name="batch">Patches at a time.</param>
    /// <param name="elementBytes">Bytes of a number in a feature map.</param>
    public static StepWork Of(Graph graph, int[] patch, int batch, int elementBytes)
    {
        var (dense, grouped, maps, mapped) = (0.0, 0.0, 0.0, 0.0);
        foreach (var node in graph.Nodes)
        {
            var bytes = elementBytes * Voxels(node, patch) * batch * node.Shape.Channels;
            maps += bytes;
            mapped += bytes >= MappedFrom ? bytes : 0;
            (ConvOp? conv, var at) = node.Op switch
            {
                Op.Conv { Of: var op } => (op, node),
                // Each voxel of its input is multiplied.
                Op.Deconv { Of: var op } => (op, graph.Nodes[node.Args[0]]),
                _ => ((ConvOp?)null, node),
            };
            if (conv is null)
                continue;
            var over = batch * Voxels(at, patch) * conv.Kernel.Aggregate(1L, (a, b) => a * b);
            if (conv.Groups > 1)
                grouped += over * conv.Out * conv.In / conv.Groups;
            else
                dense += over * Padded(conv.In) * Padded(conv.Out);
        }
        return new([
            dense,
            grouped,
            maps,
            mapped,
            batch * patch.Aggregate(1.0, (a, b) => a * b),
            Networks.Cost(graph, patch).Parameters,
            graph.Nodes.Length,
        ]);
    }

    private static double Padded(int channels) => (channels + Block - 1) / Block * Block;

    private static double Voxels(Node node, int[] patch) =>
        Networks.ShapeOf(node, patch).Aggregate(1.0, (a, b) => a * b);
}
