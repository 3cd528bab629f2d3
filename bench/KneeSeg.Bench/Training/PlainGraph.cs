using KneeSeg.Dsl;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace KneeSeg.Bench.Training;

/// <summary>
/// A volume network of the published tables as one writes it in TorchSharp: a module per operation, libtorch's default layout,
/// float32.
/// </summary>
internal sealed class PlainGraph : Module<Tensor, Tensor>
{
    private readonly Graph graph;
    private readonly Dictionary<int, Module<Tensor, Tensor>> operations = [];

    public PlainGraph(Graph graph)
        : base("plain")
    {
        this.graph = graph;
        var shared = new Dictionary<string, Module<Tensor, Tensor>>();
        foreach (var node in graph.Nodes.Where(node => node.Weights != ""))
        {
            if (!shared.TryGetValue(node.Weights, out var module))
            {
                shared[node.Weights] = module = Of(node.Op);
                register_module(node.Weights.Replace('.', '_'), module);
            }
            operations[node.Id] = module;
        }
    }

    public override Tensor forward(Tensor input)
    {
        var values = new Tensor[graph.Nodes.Length];
        foreach (var node in graph.Nodes)
        {
            var args = Array.ConvertAll(node.Args, id => values[id]);
            values[node.Id] = node.Op switch
            {
                Op.Input => input,
                _ when operations.TryGetValue(node.Id, out var module) => module.forward(
                    node.Op is Op.Conv { Of: var op }
                        ? Padded(args[0], op.Before, op.After)
                        : args[0]
                ),
                Op.Activation { Of.IsRelu: true } => args[0].relu(),
                Op.Activation { Of.IsSelu: true } => args[0].selu(),
                Op.Dropout { Rate: var rate } => functional.dropout3d(args[0], rate, training),
                Op.MaxPool { Of: var op } => functional.max_pool3d(
                    args[0],
                    Long(op.Size),
                    Long(op.Stride)
                ),
                Op.UpsampleNearest { Factor: var factor } => functional.interpolate(
                    args[0],
                    scale_factor: [.. factor.Select(times => (double)times)]
                ),
                { IsConcat: true } => cat(args, 1),
                { IsAdd: true } => args.Aggregate((a, b) => a + b),
                _ => throw new NotSupportedException($"{node.Op}"),
            };
        }
        return values[graph.Output];
    }

    private static Module<Tensor, Tensor> Of(Op operation) =>
        operation switch
        {
            Op.Conv { Of: var op } => Conv3d(
                op.In,
                op.Out,
                (op.Kernel[0], op.Kernel[1], op.Kernel[2]),
                (op.Stride[0], op.Stride[1], op.Stride[2]),
                padding: IsEven(op) ? (op.Before[0], op.Before[1], op.Before[2]) : (0, 0, 0)
            ),
            Op.Norm { Of: var op } => BatchNorm3d(op.Channels, op.Epsilon, op.Momentum),
            _ => throw new NotSupportedException($"{operation}"),
        };

    private static bool IsEven(ConvOp op) => op.Before.AsSpan().SequenceEqual(op.After);

    private static Tensor Padded(Tensor map, int[] before, int[] after) =>
        before.AsSpan().SequenceEqual(after)
            ? map
            : functional.pad(
                map,
                [
                    .. before
                        .Zip(after)
                        .Reverse()
                        .SelectMany(side => new long[] { side.First, side.Second }),
                ]
            );

    private static long[] Long(int[] sizes) => Array.ConvertAll(sizes, size => (long)size);
}
