using KneeSeg.Dsl;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>Maps every operation of the model language to its module.</summary>
internal static class ModuleFactory
{
    /// <summary>The module of an operation, with freshly initialized weights.</summary>
    /// <param name="graph">The node's graph.</param>
    /// <param name="node">Anything but an input.</param>
    /// <param name="weights">Initializes its weights.</param>
    public static NetworkModule Of(Graph graph, Node node, WeightInitialization weights) =>
        node.Op switch
        {
            Op.Conv { Of: var op } => new Convolution(op, weights),
            Op.Deconv { Of: var op } => new TransposedConvolution(op, weights),
            Op.Norm { Of: var op } => op.Kind switch
            {
                NormOpKind.Group { Groups: var groups } => new GroupNormalization(
                    op,
                    groups,
                    weights
                ),
                { IsInstance: true } => new InstanceNormalization(op, weights),
                { IsChannelLayer: true } => new ChannelLayerNormalization(op, weights),
                _ => new BatchNormalization(op, weights),
            },
            Op.GlobalResponseNorm { Channels: var channels, Epsilon: var epsilon } =>
                new GlobalResponseNormalization(channels, epsilon, weights),
            Op.Activation { Of.IsPRelu: true, Channels: var channels } => new ParametricRelu(
                channels,
                weights
            ),
            Op.Activation { Of.IsSinglePRelu: true } => new ParametricRelu(1, weights),
            Op.Activation { Of: var activation } => StatelessModule.Of(
                ActivationFunctions.Of(activation)
            ),
            Op.Dropout { Rate: var rate, Unit: var unit } => new Dropout(rate, unit),
            Op.MaxPool { Of: var op } => new MaxPooling(
                op,
                IsUnpooled(graph, node) ? node.Id : null
            ),
            Op.AvgPool { Of: var op } => new AveragePooling(op),
            Op.Unpool { Of: var op } => new Unpooling(op, node.Args[1]),
            Op.Pad { Before: var before, After: var after } => StatelessModule.Of(x =>
                Padding.Resize(x, before, after)
            ),
            Op.UpsampleNearest { Factor: var factor } => StatelessModule.Of(x =>
                Resizing.UpsampleNearest(x, factor)
            ),
            Op.UpsampleLinear { Factor: var factor, AlignCorners: var corners } =>
                StatelessModule.Of(x => Resizing.UpsampleLinear(x, factor, corners)),
            Op.TileChannels { Times: var times } => StatelessModule.Of(x =>
                cat([.. Enumerable.Repeat(x, times)], 1)
            ),
            Op.PadChannels { Before: var before, After: var after } => StatelessModule.Of(x =>
                OverChannels.Pad(x, before, after)
            ),
            Op.ChannelGroup { Index: var index, Groups: var groups } => StatelessModule.Of(x =>
                OverChannels.Group(x, index, groups)
            ),
            Op.SpaceToChannels { Block: var block, VoxelByVoxel: var voxelByVoxel } =>
                StatelessModule.Of(x => VoxelBlocks.ToChannels(x, block, voxelByVoxel)),
            Op.ChannelsToSpace { Block: var block, VoxelByVoxel: var voxelByVoxel } =>
                StatelessModule.Of(x => VoxelBlocks.ToSpace(x, block, voxelByVoxel)),
            { IsConcat: true } => new StatelessModule(xs => cat([.. xs], 1)),
            { IsAdd: true } => new StatelessModule(xs => Reduce(xs, (x, y) => x + y)),
            { IsMultiply: true } => new StatelessModule(xs => Reduce(xs, (x, y) => x * y)),
            Op.Mean { Axes: var axes } => StatelessModule.Of(x =>
                x.mean(Axes(axes), keepdim: true)
            ),
            Op.Max { Axes: var axes } => StatelessModule.Of(x => x.amax(Axes(axes), keepdim: true)),
            { IsMeanOverChannels: true } => StatelessModule.Of(OverChannels.Mean),
            { IsMaxOverChannels: true } => StatelessModule.Of(OverChannels.Max),
            { IsArgmaxOverChannels: true } => StatelessModule.Of(OverChannels.Argmax),
            Op.AdaptiveAvgPool { Cells: var cells } => StatelessModule.Of(x =>
                Resizing.AdaptiveAvgPool(x, cells)
            ),
            Op.Attention { Of: { HasWindow: true } op } => new WindowAttention(op, weights),
            Op.Attention { Of: var op } => new Attention(op),
            Op.PositionEmbedding { Channels: var channels, Size: var size } =>
                new PositionEmbedding(channels, size, weights),
            { IsBroadcast: true } => new StatelessModule(xs => Resizing.Broadcast(xs[0], xs[1])),
            Op.Dense { Inputs: var inputs, Outputs: var outputs, Bias: var bias } => new Dense(
                inputs,
                outputs,
                bias,
                weights
            ),
            _ => throw NoModule(node),
        };

    private static NotSupportedException NoModule(Node node) =>
        new($"{node.Stage}: {node.Op} has no module");

    /// <summary>Whether an unpooling uses the indices of a max pooling.</summary>
    public static bool IsUnpooled(Graph graph, Node pool) =>
        graph.Nodes.Any(node => node.Op is Op.Unpool && node.Args[1] == pool.Id);

    private static long[] Axes(int[] axes) => [.. axes.Select(axis => axis + 2L)];

    private static Tensor Reduce(IReadOnlyList<Tensor> maps, Func<Tensor, Tensor, Tensor> join)
    {
        var all = join(maps[0], maps[1]);
        foreach (var map in maps.Skip(2))
        {
            using var before = all;
            all = join(before, map);
        }
        return all;
    }
}

/// <summary>Zeroes single elements, whole channels or whole maps with a probability and scales the rest up; in training only.</summary>
internal sealed class Dropout(double rate, DropoutUnit unit) : NetworkModule
{
    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass)
    {
        var map = arguments[0];
        if (!pass.Training || rate == 0)
            return map.alias();
        using var scope = NewDisposeScope();
        var kept = ForwardContext.Cast(
            pass.Draw(this, () => Kept(map.shape, map.device)),
            pass.Type
        );
        return (map * (kept / (1 - rate))).MoveToOuterDisposeScope();
    }

    /// <summary>What a channel of each image is multiplied with, unless single elements are dropped; null where nothing is.</summary>
    /// <param name="shape">Of the map, <c>[N, C, …]</c>.</param>
    /// <param name="pass">The pass.</param>
    public float[][]? Factors(long[] shape, ForwardContext pass)
    {
        if (!pass.Training || rate == 0)
            return null;
        using var scope = NewDisposeScope();
        var kept = pass.Draw(this, () => Kept(shape, CPU)).flatten(1).to(ScalarType.Float32);
        var factors = (kept / (1 - rate)).expand(shape[..2]).contiguous();
        return [.. factors.data<float>().ToArray().Chunk((int)shape[1])];
    }

    // Drawn in float32, so that a seed drops the same in every precision.
    private Tensor Kept(long[] shape, Device device)
    {
        var own = unit switch
        {
            { IsImage: true } => 1,
            { IsChannel: true } => 2,
            _ => shape.Length,
        };
        long[] size = [.. shape.Select((length, axis) => axis < own ? length : 1)];
        return rand(size, device: device) >= rate;
    }
}

/// <summary>A linear layer: weights <c>[out, in]</c> and an optional bias.</summary>
internal sealed class Dense : NetworkModule
{
    private readonly Parameter weight;
    private readonly Parameter? bias;

    public Dense(int inputs, int outputs, bool hasBias, WeightInitialization weights)
    {
        register_parameter(nameof(weight), weight = weights.Drawn(inputs, outputs, inputs));
        if (hasBias)
            register_parameter(nameof(bias), bias = weights.Filled(0, outputs));
    }

    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass)
    {
        using var scope = NewDisposeScope();
        var vector = arguments[0].flatten(1);
        var result = nn.functional.linear(vector, pass.Cast(weight)!, pass.Cast(bias));
        long[] oneVoxel = [.. result.shape, .. Enumerable.Repeat(1L, (int)arguments[0].dim() - 2)];
        return result.reshape(oneVoxel).MoveToOuterDisposeScope();
    }
}
