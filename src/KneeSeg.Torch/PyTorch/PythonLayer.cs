using KneeSeg.Dsl;
using KneeSeg.Torch.Layers;
using static KneeSeg.Torch.PyTorch.PythonText;

namespace KneeSeg.Torch.PyTorch;

/// <summary>An operation of a graph in PyTorch's words.</summary>
/// <param name="graph">Its graph.</param>
/// <param name="node">The operation.</param>
internal sealed class PythonLayer(Graph graph, Node node)
{
    private string Dimensions => $"{graph.Axes}d";

    // The axes of space of a map, to be added to a vector.
    private string OneVoxel => $"[..., {string.Join(", ", Enumerable.Repeat("None", graph.Axes))}]";

    /// <summary>The attributes of its module; empty for an operation without weights.</summary>
    public string Name => node.Weights is "" ? "" : Attributes(ParameterTree.Name(node.Weights));

    /// <summary>The lines that make its module, which is assigned to the name.</summary>
    public IEnumerable<string> Constructor(string name)
    {
        yield return $"{name} = {Module()}";
        // Learned by halves, which PyTorch's constructors do not offer.
        if (node.Op is Op.Norm { Of: var op } && op.Gamma != op.Beta)
            yield return $"{name}.{(op.Gamma ? "bias" : "weight")} = None";
    }

    private string Module() =>
        node.Op switch
        {
            Op.Conv { Of: var op } => $"nn.Conv{Dimensions}({Window(op)}{Padded(op)})",
            Op.Deconv { Of: var op } => $"nn.ConvTranspose{Dimensions}({Window(op)}{Cropped(op)})",
            Op.Norm { Of: var op } => Norm(op),
            Op.GlobalResponseNorm { Channels: var channels, Epsilon: var epsilon } =>
                $"GlobalResponseNorm({channels}, {Number(epsilon)})",
            Op.Activation { Of: { IsPRelu: true }, Channels: var channels } =>
                $"nn.PReLU({channels})",
            Op.Activation => "nn.PReLU()",
            Op.Attention { Of: var op } =>
                $"WindowAttention({op.Channels}, {op.Heads}, {Tuple(op.Window)}, {Bool(op.Shifted)})",
            Op.PositionEmbedding { Channels: var channels, Size: var size } =>
                $"PositionEmbedding({channels}, {string.Join(", ", size)})",
            Op.Dense { Inputs: var inputs, Outputs: var outputs, Bias: var bias } =>
                $"nn.Linear({inputs}, {outputs}{(bias ? "" : ", bias=False")})",
            _ => throw new NotSupportedException($"{node.Stage}: {node.Op} has no module"),
        };

    /// <summary>The value that it makes.</summary>
    /// <param name="x">Its arguments.</param>
    /// <param name="places">The variable with the indices of the max pooling that it undoes.</param>
    public string Expression(IReadOnlyList<string> x, string places) =>
        node.Op switch
        {
            Op.Conv { Of: var op } => op.Standardized
                ? $"standardized(self.{Name}, {Explicit(op, x[0])})"
                : $"self.{Name}({Explicit(op, x[0])})",
            Op.Deconv { Of: var op } => IsBuiltIn(op)
                ? $"self.{Name}({x[0]})"
                : $"F.pad(self.{Name}({x[0]}), {Sides(op.Before, op.After, -1)})",
            Op.Norm { Of: var op } when Name is "" => Unlearned(op, x[0]),
            Op.Norm { Of.Kind.IsChannelLayer: true } =>
                $"self.{Name}({x[0]}.movedim(1, -1)).movedim(-1, 1)",
            Op.Activation { Of: { IsPRelu: false, IsSinglePRelu: false } activation } => Activation(
                activation,
                x[0]
            ),
            Op.Dense => $"self.{Name}({x[0]}.flatten(1)){OneVoxel}",
            _ when Name != "" => $"self.{Name}({x[0]})",
            Op.Dropout { Rate: var rate, Unit: var unit } => unit switch
            {
                { IsImage: true } => $"drop_images({x[0]}, {Number(rate)}, self.training)",
                { IsChannel: true } =>
                    $"F.dropout{Dimensions}({x[0]}, {Number(rate)}, self.training)",
                _ => $"F.dropout({x[0]}, {Number(rate)}, self.training)",
            },
            Op.MaxPool { Of: var op } => MaxPool(op, x[0]),
            Op.AvgPool { Of: var op } => op.Before.SequenceEqual(op.After) && MayPad(op)
                ? $"F.avg_pool{Dimensions}({x[0]}, {Window(op)}, count_include_pad=False)"
                : $"inner_average({x[0]}, {Axes(op.Size)}, {Axes(op.Stride)}, {Sides(op.Before, op.After)})",
            Op.Unpool { Of: var op } => Unpool(op, x[0], places),
            Op.Pad { Before: var before, After: var after } =>
                $"F.pad({x[0]}, {Sides(before, after)})",
            Op.UpsampleNearest { Factor: var factor } =>
                $"F.interpolate({x[0]}, scale_factor={Axes(factor)}, mode=\"nearest\")",
            Op.UpsampleLinear { Factor: var factor, AlignCorners: var corners } =>
                $"F.interpolate({x[0]}, scale_factor={Axes(factor)}, mode=\"{(graph.Axes == 3 ? "trilinear" : "bilinear")}\", align_corners={Bool(corners)})",
            Op.TileChannels { Times: var times } => $"torch.cat([{x[0]}] * {times}, 1)",
            Op.PadChannels { Before: var before, After: var after } =>
                $"F.pad({x[0]}, {Tuple([.. new int[2 * graph.Axes], before, after])})",
            Op.ChannelGroup { Index: var index, Groups: var groups } =>
                $"{x[0]}.chunk({groups}, 1)[{index}]",
            Op.SpaceToChannels { Block: var block, VoxelByVoxel: var voxelByVoxel } =>
                $"space_to_channels({x[0]}, {Tuple(block)}, {Bool(voxelByVoxel)})",
            Op.ChannelsToSpace { Block: var block, VoxelByVoxel: var voxelByVoxel } =>
                $"channels_to_space({x[0]}, {Tuple(block)}, {Bool(voxelByVoxel)})",
            { IsConcat: true } => $"torch.cat([{string.Join(", ", x)}], 1)",
            { IsAdd: true } => string.Join(" + ", x),
            { IsMultiply: true } => string.Join(" * ", x),
            Op.Mean { Axes: var axes } =>
                $"{x[0]}.mean({Tuple(axes.Select(axis => axis + 2))}, keepdim=True)",
            Op.Max { Axes: var axes } =>
                $"{x[0]}.amax({Tuple(axes.Select(axis => axis + 2))}, keepdim=True)",
            { IsMeanOverChannels: true } => $"{x[0]}.mean(1, keepdim=True)",
            { IsMaxOverChannels: true } => $"{x[0]}.amax(1, keepdim=True)",
            { IsArgmaxOverChannels: true } => $"{x[0]}.argmax(1, keepdim=True).to({x[0]}.dtype)",
            Op.AdaptiveAvgPool { Cells: var cells } =>
                $"F.adaptive_avg_pool{Dimensions}({x[0]}, {cells}).flatten(1){OneVoxel}",
            Op.Attention { Of: var op } => $"attention({x[0]}, {op.Heads})",
            { IsBroadcast: true } => $"{x[0]}.expand(-1, -1, *{x[1]}.shape[2:])",
            _ => throw new NotSupportedException($"{node.Stage}: {node.Op} has no expression"),
        };

    private string MaxPool(WindowOp op, string x)
    {
        var (window, map) =
            op.Before.SequenceEqual(op.After) && MayPad(op)
                ? (Window(op), x)
                : (
                    $"{Axes(op.Size)}, {Axes(op.Stride)}",
                    $"F.pad({x}, {Sides(op.Before, op.After)}, value=-math.inf)"
                );
        var indices = ModuleFactory.IsUnpooled(graph, node) ? ", return_indices=True" : "";
        return $"F.max_pool{Dimensions}({map}, {window}{indices})";
    }

    private string Unpool(WindowOp op, string x, string places)
    {
        var map = $"F.max_unpool{Dimensions}({x}, {places}, {Axes(op.Size)}, {Axes(op.Stride)})";
        return op.Before.Concat(op.After).All(side => side == 0)
            ? map
            : $"F.pad({map}, {Sides(op.Before, op.After, -1)})";
    }

    private static string Activation(Activation activation, string x) =>
        activation switch
        {
            { IsRelu: true } => $"F.relu({x})",
            KneeSeg.Dsl.Activation.LeakyRelu { Slope: var slope } =>
                $"F.leaky_relu({x}, {Number(slope)})",
            { IsElu: true } => $"F.elu({x})",
            KneeSeg.Dsl.Activation.Celu { Alpha: var alpha } => $"F.celu({x}, {Number(alpha)})",
            { IsSelu: true } => $"F.selu({x})",
            { IsRelu6: true } => $"F.relu6({x})",
            { IsGelu: true } => $"F.gelu({x})",
            { IsGeluTanh: true } => $"F.gelu({x}, approximate=\"tanh\")",
            { IsSilu: true } => $"F.silu({x})",
            { IsHardSwish: true } => $"F.hardswish({x})",
            { IsMish: true } => $"F.mish({x})",
            { IsSoftplus: true } => $"F.softplus({x})",
            { IsSigmoid: true } => $"torch.sigmoid({x})",
            { IsHardSigmoid: true } => $"F.hardsigmoid({x})",
            { IsTanh: true } => $"torch.tanh({x})",
            { IsHardTanh: true } => $"F.hardtanh({x})",
            { IsChannelSoftmax: true } => $"{x}.softmax(1)",
            _ => throw new NotSupportedException($"{activation} has no function"),
        };

    // Norms that learn nothing.
    private static string Unlearned(NormOp op, string x)
    {
        var eps = $"eps={Number(op.Epsilon)}";
        return op.Kind switch
        {
            { IsInstance: true } => $"F.instance_norm({x}, {eps})",
            NormOpKind.Group { Groups: var groups } => $"F.group_norm({x}, {groups}, {eps})",
            _ => $"F.layer_norm({x}.movedim(1, -1), ({op.Channels},), {eps}).movedim(-1, 1)",
        };
    }

    private string Norm(NormOp op)
    {
        var eps = $"eps={Number(op.Epsilon)}";
        var affine = op.Gamma || op.Beta ? "" : ", affine=False";
        return op.Kind switch
        {
            { IsBatch: true } =>
                $"nn.BatchNorm{Dimensions}({op.Channels}, {eps}, momentum={Number(op.Momentum)}{affine})",
            { IsInstance: true } =>
                $"nn.InstanceNorm{Dimensions}({op.Channels}, {eps}, affine=True)",
            NormOpKind.Group { Groups: var groups } =>
                $"nn.GroupNorm({groups}, {op.Channels}, {eps})",
            _ => $"nn.LayerNorm({op.Channels}, {eps})",
        };
    }

    private static string Window(ConvOp op)
    {
        var text = $"{op.In}, {op.Out}, {Axes(op.Kernel)}";
        if (op.Stride.Any(step => step != 1))
            text += $", stride={Axes(op.Stride)}";
        if (op.Dilation.Any(step => step != 1))
            text += $", dilation={Axes(op.Dilation)}";
        if (op.Groups > 1)
            text += $", groups={op.Groups}";
        return op.Bias ? text : text + ", bias=False";
    }

    private static string Window(WindowOp op)
    {
        var text = Axes(op.Size);
        if (!op.Stride.SequenceEqual(op.Size))
            text += $", stride={Axes(op.Stride)}";
        return op.Before.All(side => side == 0) ? text : $"{text}, padding={Axes(op.Before)}";
    }

    // What is not the same before and after is padded on its own.
    private static bool IsEven(ConvOp op) =>
        op.Before.SequenceEqual(op.After) && op.Before.All(side => side >= 0);

    private static string Padded(ConvOp op) =>
        IsEven(op) && op.Before.Any(side => side != 0) ? $", padding={Axes(op.Before)}" : "";

    private static string Explicit(ConvOp op, string x) =>
        IsEven(op) ? x : $"F.pad({x}, {Sides(op.Before, op.After)})";

    // PyTorch crops at least as much before as after, and by less than a step more.
    private static bool IsBuiltIn(ConvOp op) =>
        op.After.All(side => side >= 0)
        && op.Before.Zip(op.After, (before, after) => before - after)
            .Zip(op.Stride, op.Dilation)
            .All(axis => axis.First >= 0 && axis.First < Math.Max(axis.Second, axis.Third));

    private static string Cropped(ConvOp op)
    {
        if (!IsBuiltIn(op) || op.Before.All(side => side == 0))
            return "";
        int[] more = [.. op.Before.Zip(op.After, (before, after) => before - after)];
        var padding = $", padding={Axes(op.Before)}";
        return more.All(side => side == 0) ? padding : $"{padding}, output_padding={Axes(more)}";
    }

    // PyTorch pads by half of the window at most.
    private static bool MayPad(WindowOp op) =>
        op.Before.Zip(op.Size).All(axis => 2 * axis.First <= axis.Second);
}
