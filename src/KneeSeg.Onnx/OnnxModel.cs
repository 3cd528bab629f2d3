using Google.Protobuf;
using KneeSeg.Dsl;
using KneeSeg.Torch;
using Onnx;
using static TorchSharp.torch;
using Dimension = Onnx.TensorShapeProto.Types.Dimension;

namespace KneeSeg.Onnx;

/// <summary>A network as an ONNX model (opset 17, IR 8), written from its graph.</summary>
public static class OnnxModel
{
    /// <summary>The version of the operators.</summary>
    public const int Opset = 17;

    /// <summary>The name of the input, <c>[N, C, (D,) H, W]</c>.</summary>
    public const string Image = "image";

    /// <summary>The name of the second input of networks that know where a patch lies, <c>[N, 3, 1, 1(, 1)]</c> in -1 to 1.</summary>
    public const string Position = "position";

    /// <summary>The name of the output before the softmax, <c>[N, classes, (D,) H, W]</c>.</summary>
    public const string Logits = "logits";

    /// <summary>The name of the output that has the probability of each class, or of the only one.</summary>
    public const string Probabilities = "probabilities";

    private static readonly string[] Axes = ["D", "H", "W"];

    /// <summary>The name of a named output, as the network makes it: before softmax or sigmoid, in its own size.</summary>
    public static string NameOf(NamedOutput output) => $"output: {output.Name}";

    /// <summary>The model of a network.</summary>
    /// <param name="network">The network, float32. Batch norms that were folded into convolutions stay there.</param>
    /// <param name="size">The only size that it takes if its layers need one; see <see cref="HasFixedSize"/>.</param>
    /// <param name="type">How weights are stored.</param>
    /// <param name="outputs">Named outputs that the model has too, by <see cref="NameOf"/>.</param>
    /// <param name="metadata">Texts by name.</param>
    /// <exception cref="SpecException">The network does not take this size.</exception>
    public static byte[] Of(
        TorchNetwork network,
        int[] size,
        WeightType type,
        IReadOnlyList<NamedOutput> outputs,
        IEnumerable<(string Name, string Text)> metadata
    )
    {
        var graph = network.Graph;
        Networks.CheckSize(graph, size);
        var model = new ModelBuilder(type);
        var values = new OperatorWriter(network, size, model).Write(outputs);
        model.Add("Identity", Logits, [values[0]]);
        model.Add(
            graph.Classes == 1 ? "Sigmoid" : "Softmax",
            Probabilities,
            [Logits],
            graph.Classes == 1 ? [] : [Attributes.Of("axis", 1)]
        );
        foreach (var (output, value) in outputs.Zip(values[1..]))
            model.Add("Identity", NameOf(output), [value]);
        var lengths = Lengths(graph, size);
        var body = new GraphProto
        {
            Name = graph.Name,
            Node = { model.Nodes },
            Initializer = { model.Tensors },
            Input = { graph.Nodes.Where(node => node.Op.IsInput).Select(Input) },
            Output =
            {
                Result(Logits, graph.Output),
                Result(Probabilities, graph.Output),
                outputs.Select(output => Result(NameOf(output), output.Node)),
            },
        };
        return new ModelProto
        {
            IrVersion = 8,
            ProducerName = "KneeSeg",
            Graph = body,
            OpsetImport = { new OperatorSetIdProto { Version = Opset } },
            MetadataProps =
            {
                metadata.Select(one => new StringStringEntryProto
                {
                    Key = one.Name,
                    Value = one.Text,
                }),
            },
        }.ToByteArray();

        ValueInfoProto Result(string name, int node) =>
            Value(name, Results(graph.Nodes[node].Shape, lengths));

        ValueInfoProto Input(Node node) =>
            ((Op.Input)node.Op).Name == Image
                ? Value(Image, [Named("N"), Fixed(graph.Channels), .. lengths])
                : Value(
                    Position,
                    [Named("N"), Fixed(node.Shape.Channels), .. lengths.Select(_ => Fixed(1))]
                );
    }

    /// <summary>How many of each operator a model has, by name.</summary>
    public static IReadOnlyDictionary<string, int> Operators(byte[] model) =>
        new SortedDictionary<string, int>(
            ModelProto
                .Parser.ParseFrom(model)
                .Graph.Node.CountBy(node => node.OpType)
                .ToDictionary(),
            StringComparer.Ordinal
        );

    /// <summary>The texts that a model carries, by name.</summary>
    /// <param name="model">The model.</param>
    /// <param name="where">Its file.</param>
    /// <exception cref="ProblemException">It is damaged (exit 5).</exception>
    public static IReadOnlyDictionary<string, string> Metadata(byte[] model, string where)
    {
        try
        {
            return ModelProto
                .Parser.ParseFrom(model)
                .MetadataProps.ToDictionary(one => one.Key, one => one.Value);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or ArgumentException)
        {
            throw new ProblemException(
                ExitCode.Checkpoint,
                where,
                $"is no intact ONNX model ({e.Message.TrimEnd('.')})",
                "Export it again",
                e
            );
        }
    }

    /// <summary>Whether layers need to know the size of the map, so that the model takes one size only.</summary>
    public static bool HasFixedSize(Graph graph) =>
        graph.Nodes.Any(node =>
            node.Op is Op.Attention { Of.HasWindow: true } or Op.AdaptiveAvgPool { Cells: > 1 }
        );

    private static Dimension[] Lengths(Graph graph, int[] size) =>
        [
            .. size.Select(
                (length, axis) =>
                    HasFixedSize(graph) ? Fixed(length)
                    : axis == 0 && graph.Slices != 0 ? Fixed(graph.Slices)
                    : Named(Axes[axis + Axes.Length - graph.Axes])
            ),
        ];

    // Of an output: the input's length where it has that, one voxel, or an expression of it.
    private static IEnumerable<Dimension> Results(Shape shape, Dimension[] lengths)
    {
        yield return Named("N");
        yield return Fixed(shape.Channels);
        foreach (var (axis, length) in lengths.Index())
            yield return (shape.Stride[axis], shape.Extra[axis]) switch
            {
                (0, _) => Fixed(1),
                (1, 0) => length,
                var (stride, extra) when length.DimParam == "" => Fixed(
                    length.DimValue / stride + extra
                ),
                var (stride, extra) => Named(
                    $"{length.DimParam}{(stride == 1 ? "" : $"/{stride}")}{(extra == 0 ? "" : $"{extra:+0;-0}")}"
                ),
            };
    }

    private static Dimension Fixed(long length) => new() { DimValue = length };

    private static Dimension Named(string name) => new() { DimParam = name };

    private static ValueInfoProto Value(string name, IEnumerable<Dimension> shape)
    {
        var tensor = new TypeProto.Types.Tensor
        {
            ElemType = (int)TensorProto.Types.DataType.Float,
            Shape = new() { Dim = { shape.Select(dimension => dimension.Clone()) } },
        };
        return new()
        {
            Name = name,
            Type = new() { TensorType = tensor },
        };
    }
}
