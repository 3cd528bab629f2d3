using KneeSeg.Dsl;
using KneeSeg.Onnx.Operators;
using KneeSeg.Torch;
using ModuleFactory = KneeSeg.Torch.Layers.ModuleFactory;

namespace KneeSeg.Onnx;

/// <summary>Writes each operation of a graph as operators of ONNX opset 17.</summary>
/// <param name="network">The network, with its weights.</param>
/// <param name="size">The size of its input, for operations that need to know it.</param>
/// <param name="model">Receives the operators.</param>
internal sealed class OperatorWriter(TorchNetwork network, int[] size, ModelBuilder model)
{
    // By node, the value that it makes.
    private readonly string[] values = new string[network.Graph.Nodes.Length];
    private readonly Dictionary<int, PooledIndices> pooled = [];

    /// <summary>Writes the nodes that the output and some named outputs need.</summary>
    /// <returns>The value of the output, then those of the named ones.</returns>
    public string[] Write(IReadOnlyList<NamedOutput> outputs)
    {
        foreach (var node in network.NodesFor(outputs))
            values[node.Id] = Of(node);
        return [values[network.Graph.Output], .. outputs.Select(output => values[output.Node])];
    }

    private string Of(Node node)
    {
        var layer = new OnnxLayer(
            model,
            node,
            [.. node.Args.Select(id => values[id])],
            network.InferenceTensors(node),
            network.Graph.Axes
        );
        return node.Op switch
        {
            Op.Input { Name: var name } => name,
            Op.Conv { Of: var op } => Convolutions.Of(layer, op),
            Op.Deconv { Of: var op } => Convolutions.Transposed(layer, op),
            Op.Norm { Of: var op } => Norms.Of(layer, op),
            Op.GlobalResponseNorm { Epsilon: var epsilon } => Norms.GlobalResponse(layer, epsilon),
            Op.Activation { Of: var activation } => Activations.Of(layer, activation),
            Op.Dropout => layer.Input,
            Op.MaxPool { Of: var op } when ModuleFactory.IsUnpooled(network.Graph, node) => Keep(
                node,
                Pooling.WithIndices(layer, op)
            ),
            Op.MaxPool { Of: var op } => Pooling.Max(layer, op),
            Op.AvgPool { Of: var op } => Pooling.Average(layer, op),
            Op.Unpool { Of: var op } => Pooling.Unpool(layer, op, pooled[node.Args[1]]),
            Op.Pad { Before: var before, After: var after } => Resizing.Pad(layer, before, after),
            Op.UpsampleNearest { Factor: var factor } => Resizing.Nearest(layer, factor),
            Op.UpsampleLinear { Factor: var factor, AlignCorners: var corners } => Resizing.Linear(
                layer,
                factor,
                corners
            ),
            Op.TileChannels { Times: var times } => OverChannels.Tile(layer, times),
            Op.PadChannels { Before: var before, After: var after } => OverChannels.Pad(
                layer,
                before,
                after
            ),
            Op.ChannelGroup { Index: var index, Groups: var groups } => OverChannels.Group(
                layer,
                index,
                ChannelsOf(node.Args[0]) / groups
            ),
            Op.SpaceToChannels { Block: var block, VoxelByVoxel: var voxelByVoxel } =>
                VoxelBlocks.ToChannels(layer, block, ChannelsOf(node.Args[0]), voxelByVoxel),
            Op.ChannelsToSpace { Block: var block, VoxelByVoxel: var voxelByVoxel } =>
                VoxelBlocks.ToSpace(
                    layer,
                    block,
                    ChannelsOf(node.Args[0]) / block.Aggregate((a, b) => a * b),
                    voxelByVoxel
                ),
            { IsConcat: true } => layer.Add("Concat", layer.Inputs, Attributes.Of("axis", 1)),
            { IsAdd: true } => layer.Chain("Add"),
            { IsMultiply: true } => layer.Chain("Mul"),
            Op.Mean { Axes: var axes } => Reduced("ReduceMean", axes.Select(axis => axis + 2)),
            Op.Max { Axes: var axes } => Reduced("ReduceMax", axes.Select(axis => axis + 2)),
            { IsMeanOverChannels: true } => Reduced("ReduceMean", [1]),
            { IsMaxOverChannels: true } => Reduced("ReduceMax", [1]),
            { IsArgmaxOverChannels: true } => OverChannels.Argmax(layer),
            Op.AdaptiveAvgPool { Cells: var cells } => Pooling.Adaptive(
                layer,
                SizeOf(node.Args[0]),
                cells
            ),
            Op.Attention { Of: { HasWindow: true } op } => new WindowAttention(
                layer,
                op,
                SizeOf(node.Args[0])
            ).Write(),
            Op.Attention { Of: var op } => Attention.Of(layer, op),
            Op.PositionEmbedding => Resizing.Embedding(layer),
            { IsBroadcast: true } => Resizing.Broadcast(layer),
            Op.Dense => Convolutions.Dense(layer),
            _ => throw new NotSupportedException($"{node.Stage}: {node.Op} has no ONNX operator"),
        };

        string Reduced(string operation, IEnumerable<int> axes) =>
            layer.Add(operation, [layer.Input], Attributes.Of("axes", axes));
    }

    private string Keep(Node node, PooledIndices indices)
    {
        pooled[node.Id] = indices;
        return indices.Pooled;
    }

    private int ChannelsOf(int node) => network.Graph.Nodes[node].Shape.Channels;

    private int[] SizeOf(int node) => Networks.ShapeOf(network.Graph.Nodes[node], size);
}
