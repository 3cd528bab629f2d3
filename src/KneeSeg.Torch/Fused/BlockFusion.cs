using System.Runtime.Intrinsics;
using KneeSeg.Dsl;
using KneeSeg.Kernels;
using KneeSeg.Torch.Layers;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Fused;

/// <summary>
/// Rewrites a graph for kernels of our own: a narrow convolution and what follows it become one node, at the place of the last of
/// them, and so do narrow upsampling and pooling. Wide ones have a kernel of their own in float32. The values of all other nodes stay what they were.
/// </summary>
internal sealed class BlockFusion
{
    // Of inputs and outputs, as measured: with more, oneDNN is faster; earlier where it computes in bfloat16, or maps would have to be
    // rearranged for a narrow block, or Winograd's algorithm computes it.
    private const int MostProducts = 128;
    private const int FewProducts = 64;
    private const int MostChannels = 16;
    private const int MostKernel = 5;

    private readonly Graph graph;
    private readonly NetworkModule?[] layers;
    private readonly int mostProducts;
    private readonly bool isFloat;
    private readonly ILookup<int, Node> readers;
    private readonly HashSet<int> outputs;
    private readonly Dictionary<int, (Node Node, NetworkModule Module)> fused = [];
    private readonly HashSet<int> swallowed = [];

    private BlockFusion(Graph graph, NetworkModule?[] layers, ScalarType type)
    {
        (this.graph, this.layers) = (graph, layers);
        isFloat = type == ScalarType.Float32;
        mostProducts = isFloat ? MostProducts : FewProducts;
        readers = (from node in graph.Nodes from arg in node.Args select (arg, node)).ToLookup(
            pair => pair.arg,
            pair => pair.node
        );
        outputs = [graph.Output, .. graph.NamedOutputs.Select(output => output.Node)];
        foreach (var node in graph.Nodes)
            if (node.Op is Op.Conv or Op.Deconv)
                Block(node);
            else if (node.Op.IsNorm)
                Norm(node);
            else if (
                node.Shape.Channels <= MostChannels
                && node.Args is [var from, ..]
                && IsPlanar(from)
                && Alone(node) is { } module
            )
                fused[node.Id] = (node, module);
    }

    /// <summary>The nodes to run instead of a graph's, and their modules.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="layers">Its modules, by node.</param>
    /// <param name="type">Of the maps between modules of libtorch's.</param>
    public static (Node[] Nodes, NetworkModule?[] Layers) Of(
        Graph graph,
        NetworkModule?[] layers,
        ScalarType type
    )
    {
        var fusion = new BlockFusion(graph, layers, type);
        NetworkModule?[] modules = [.. layers];
        foreach (var (id, (_, module)) in fusion.fused)
            modules[id] = module;
        return (
            [
                .. graph
                    .Nodes.Where(node => !fusion.swallowed.Contains(node.Id))
                    .Select(node =>
                        fusion.fused.TryGetValue(node.Id, out var one) ? one.Node : node
                    ),
            ],
            modules
        );
    }

    /// <summary>A wide convolution, with the rectifier behind it where only a folded norm lies between them.</summary>
    private void Wide(Node first, IFilters filters)
    {
        var (last, slope) = (first, 1f);
        if (
            Next(ref last, FoldedNorm) is not null
            && Next(ref last, node => SlopeOf(node.Op) is null ? null : node) is { } rectifier
        )
            slope = SlopeOf(rectifier.Op)!.Value;
        fused[last.Id] = (
            Merged(last, Parts(first, WideConvolution.ReadsParts)),
            new WideConvolution(filters, slope)
        );
    }

    /// <summary>A norm of wide maps, with what follows it.</summary>
    private void Norm(Node first)
    {
        if (
            !isFloat
            || swallowed.Contains(first.Id)
            || fused.ContainsKey(first.Id)
            || first.Shape.Channels % WideMaps.ChannelMultiple != 0
            || IsPlanar(first.Args[0])
            || layers[first.Id] is not Normalization norm
            || !IsKnown(norm)
        )
            return;
        var last = first;
        var epilogue = Next(ref last, KnownActivation) ?? new Epilogue<Identity>(default);
        var dropout = Next(ref last, ChannelDropout);
        fused[last.Id] = (Merged(last, first.Args), new WideNormalization(norm, epilogue, dropout));
    }

    private static Epilogue? KnownActivation(Node node) =>
        node.Op is Op.Activation { Of: var activation } ? EpilogueOf(activation) : null;

    private Dropout? ChannelDropout(Node node) =>
        node.Op is Op.Dropout { Unit.IsElement: false } ? layers[node.Id] as Dropout : null;

    private static Node Merged(Node last, int[] inputs) =>
        new(last.Id, last.Op, inputs, last.Path, last.Weights, last.Shape, last.InHead);

    /// <summary>What a convolution reads: of a concatenation that it alone reads, the parts.</summary>
    /// <param name="convolution">The convolution.</param>
    /// <param name="reads">Whether it can, by their channels.</param>
    private int[] Parts(Node convolution, Func<IEnumerable<int>, bool> reads)
    {
        var concat = graph.Nodes[convolution.Args[0]];
        if (
            !concat.Op.IsConcat
            || !IsOnlyReadBy(concat, convolution)
            || fused.ContainsKey(concat.Id)
            || !reads(concat.Args.Select(id => graph.Nodes[id].Shape.Channels))
        )
            return convolution.Args;
        swallowed.Add(concat.Id);
        return concat.Args;
    }

    private StatelessModule? FoldedNorm(Node node) =>
        node.Op.IsNorm ? layers[node.Id] as StatelessModule : null;

    private void Block(Node first)
    {
        if (layers[first.Id] is not IFilters { Op: var op } filters || !IsPlain(op))
            return;
        if (
            isFloat
            && Vector512.IsHardwareAccelerated
            && first.Op.IsConv
            && op.In * op.Out > FewProducts
            && WideConvolution.Applies(op)
        )
        {
            Wide(first, filters);
            return;
        }
        if (!IsNarrow(op, IsPlanar(first.Args[0]) ? mostProducts : FewProducts))
            return;
        var last = first;
        var norm = Next(ref last, node => layers[node.Id] as Normalization, IsKnown);
        if (norm is null)
            // A batch norm that was folded into the convolution.
            _ = Next(ref last, FoldedNorm);
        var epilogue = Next(ref last, KnownActivation) ?? new Epilogue<Identity>(default);
        var dropout = Next(ref last, ChannelDropout);
        int[] residual = [];
        var before = last;
        if (
            Next(ref last, node => node.Op.IsAdd && IsResidual(node, before) ? node : null) is
            { } sum
        )
            residual = [sum.Args.Single(arg => arg != before.Id)];
        var inputs = Parts(first, _ => true);
        fused[last.Id] = (
            Merged(last, [.. inputs, .. residual]),
            new FusedBlock(filters, norm, epilogue, dropout, residual.Length > 0)
        );
    }

    /// <summary>Moves to the next node, which becomes one with the last, if it alone reads that one and is of a kind.</summary>
    private T? Next<T>(ref Node last, Func<Node, T?> kind, Func<T, bool>? isKnown = null)
        where T : class
    {
        var current = last;
        if (
            outputs.Contains(current.Id)
            || readers[current.Id].ToArray() is not [var reader]
            || fused.ContainsKey(reader.Id)
            || kind(reader) is not { } found
            || isKnown?.Invoke(found) == false
        )
            return null;
        _ = swallowed.Add(current.Id);
        last = reader;
        return found;
    }

    /// <summary>Whether a map comes from narrow kernels: others would have to be rearranged first.</summary>
    private bool IsPlanar(int map) =>
        graph.Nodes[map] is var node
        && (
            node.Shape.Channels == 1
            || (node.Op.IsConcat && node.Args.All(IsPlanar))
            || (
                fused.TryGetValue(map, out var block)
                && block.Module is not (WideConvolution or WideNormalization)
            )
        );

    private bool IsOnlyReadBy(Node node, Node reader) =>
        !outputs.Contains(node.Id) && readers[node.Id].All(one => one == reader);

    private bool IsResidual(Node sum, Node block) =>
        sum.Args is [var a, var b]
        && a != b
        && graph.Nodes[a == block.Id ? b : a].Shape is var other
        && other.Stride.AsSpan().SequenceEqual(block.Shape.Stride)
        && other.Extra.AsSpan().SequenceEqual(block.Shape.Extra)
        && (other.Channels == 1 || other.Channels == block.Shape.Channels);

    private static bool IsNarrow(ConvOp op, int mostProducts) =>
        op.In <= MostChannels
        && op.Out <= MostChannels
        && op.In * op.Out <= mostProducts
        && op.Kernel.All(length => length <= MostKernel);

    /// <summary>Whether kernels of our own could compute a convolution at all.</summary>
    private static bool IsPlain(ConvOp op) =>
        op.Groups == 1
        && op.Dilation.All(step => step == 1)
        && op.Before.Zip(op.Kernel).All(side => side.First >= 0 && side.First < side.Second)
        && op.After.Zip(op.Kernel).All(side => side.First >= 0 && side.First < side.Second);

    private static bool IsKnown(Normalization norm) =>
        norm is BatchNormalization or InstanceNormalization or GroupNormalization;

    private static float? SlopeOf(Op op) =>
        op is Op.Activation { Of: var activation } ? SlopeOf(activation) : null;

    private static float? SlopeOf(Activation activation) =>
        activation switch
        {
            { IsRelu: true } => 0,
            Activation.LeakyRelu { Slope: var slope } => (float)slope,
            _ => null,
        };

    private static Epilogue? EpilogueOf(Activation activation) =>
        activation switch
        {
            _ when SlopeOf(activation) is { } slope => new Epilogue<Rectifier>(new(slope)),
            { IsElu: true } => new Epilogue<Exponential>(new(1, 1, 1)),
            Activation.Celu { Alpha: var alpha } => new Epilogue<Exponential>(
                new(1, (float)alpha, (float)(1 / alpha))
            ),
            { IsSelu: true } => new Epilogue<Exponential>(
                new(1.0507009873554805f, 1.6732632423543772f, 1)
            ),
            { IsSigmoid: true } => new Epilogue<Sigmoid>(default),
            { IsSilu: true } => new Epilogue<Silu>(default),
            _ => null,
        };

    private NetworkModule? Alone(Node node) =>
        node.Op switch
        {
            Op.UpsampleNearest { Factor: var factor } => new FusedResampling(size =>
                Resampling.Nearest(size, TensorMaps.SizeOf(factor))
            ),
            Op.UpsampleLinear { Factor: var factor, AlignCorners: var corners } =>
                new FusedResampling(size =>
                    Resampling.Linear(size, TensorMaps.SizeOf(factor), corners)
                ),
            Op.AvgPool { Of: var op } => new FusedResampling(size =>
                Resampling.Average(size, WindowOf(op))
            ),
            Op.MaxPool { Of: var op } when !ModuleFactory.IsUnpooled(graph, node) =>
                new FusedMaxPooling(WindowOf(op)),
            _ => null,
        };

    private static Window WindowOf(WindowOp op) =>
        new(
            TensorMaps.SizeOf(op.Size),
            TensorMaps.SizeOf(op.Stride),
            TensorMaps.SizeOf(op.Before, 0),
            TensorMaps.SizeOf(op.After, 0)
        );
}
