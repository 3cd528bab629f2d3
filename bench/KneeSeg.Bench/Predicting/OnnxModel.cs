using System.Runtime.InteropServices;
using Google.Protobuf;
using KneeSeg.Dsl;
using KneeSeg.Torch;
using Onnx;
using static TorchSharp.torch;
using Kind = Onnx.AttributeProto.Types.AttributeType;

namespace KneeSeg.Bench.Predicting;

/// <summary>
/// A network as an ONNX model (opset 13), for what a plain 3D U-Net has of operations; it ends in probabilities.
/// </summary>
internal static class OnnxModel
{
    private const int Float = (int)TensorProto.Types.DataType.Float;

    /// <summary>The model's bytes.</summary>
    /// <param name="network">The network, in float32 and not folded.</param>
    /// <param name="size">The size of its input.</param>
    /// <exception cref="NotSupportedException">It has another operation.</exception>
    public static byte[] Of(TorchNetwork network, int[] size)
    {
        var graph = network.Graph;
        var weights = network
            .named_parameters()
            .Select(pair => (pair.name, Value: (Tensor)pair.parameter))
            .Concat(network.named_buffers().Select(pair => (pair.name, Value: pair.buffer)));
        const string probabilities = "probabilities";
        var body = new GraphProto
        {
            Name = graph.Name,
            Node =
            {
                graph.Nodes.Where(node => !node.Op.IsInput).Select(Node),
                Node("Softmax", [Map(graph.Output)], probabilities, [Whole("axis", 1)]),
            },
            Initializer = { weights.Select(one => Initial(one.name, one.Value)) },
            Input = { Described(Map(0), [1, graph.Channels, .. size]) },
            Output = { Described(probabilities, [1, graph.Classes, .. size]) },
        };
        return new ModelProto
        {
            IrVersion = 8,
            Graph = body,
            OpsetImport = { new OperatorSetIdProto { Version = 13 } },
        }.ToByteArray();
    }

    private static string Map(int node) => $"map{node}";

    private static NodeProto Node(Node node)
    {
        var maps = node.Args.Select(Map);
        string[] Learned(params string[] names) =>
            [.. maps, .. names.Select(name => $"{ParameterTree.Name(node.Weights)}.{name}")];
        return node.Op switch
        {
            Op.Conv { Of: var op } => Node(
                "Conv",
                op.Bias ? Learned("weight", "bias") : Learned("weight"),
                Map(node.Id),
                Window(op.Kernel, op.Stride, op.Before, op.After)
            ),
            Op.Deconv { Of: var op } => Node(
                "ConvTranspose",
                op.Bias ? Learned("weight", "bias") : Learned("weight"),
                Map(node.Id),
                Window(op.Kernel, op.Stride, op.Before, op.After)
            ),
            Op.Norm { Of: { Kind.IsBatch: true } op } => Node(
                "BatchNormalization",
                Learned("weight", "bias", "running_mean", "running_var"),
                Map(node.Id),
                [Number("epsilon", (float)op.Epsilon)]
            ),
            Op.MaxPool { Of: var op } => Node(
                "MaxPool",
                Learned(),
                Map(node.Id),
                Window(op.Size, op.Stride, op.Before, op.After)
            ),
            Op.Activation { Of.IsRelu: true } => Node("Relu", Learned(), Map(node.Id), []),
            { IsConcat: true } => Node("Concat", Learned(), Map(node.Id), [Whole("axis", 1)]),
            _ => throw new NotSupportedException($"{node.Stage}: {node.Op}"),
        };
    }

    private static NodeProto Node(
        string op,
        string[] inputs,
        string output,
        AttributeProto[] attributes
    ) =>
        new()
        {
            OpType = op,
            Input = { inputs },
            Output = { output },
            Attribute = { attributes },
        };

    private static AttributeProto[] Window(int[] kernel, int[] stride, int[] before, int[] after) =>
        [
            Wholes("kernel_shape", kernel),
            Wholes("strides", stride),
            Wholes("pads", [.. before, .. after]),
        ];

    private static AttributeProto Whole(string name, long value) =>
        new()
        {
            Name = name,
            Type = Kind.Int,
            I = value,
        };

    private static AttributeProto Number(string name, float value) =>
        new()
        {
            Name = name,
            Type = Kind.Float,
            F = value,
        };

    private static AttributeProto Wholes(string name, int[] values) =>
        new()
        {
            Name = name,
            Type = Kind.Ints,
            Ints = { values.Select(value => (long)value) },
        };

    private static TensorProto Initial(string name, Tensor value)
    {
        using var plain = value.detach().contiguous();
        return new()
        {
            Name = name,
            DataType = Float,
            Dims = { value.shape },
            RawData = ByteString.CopyFrom(
                MemoryMarshal.AsBytes(plain.data<float>().ToArray().AsSpan())
            ),
        };
    }

    private static ValueInfoProto Described(string name, int[] shape)
    {
        var dimensions = shape.Select(length => new TensorShapeProto.Types.Dimension
        {
            DimValue = length,
        });
        var tensor = new TypeProto.Types.Tensor
        {
            ElemType = Float,
            Shape = new() { Dim = { dimensions } },
        };
        return new()
        {
            Name = name,
            Type = new() { TensorType = tensor },
        };
    }
}
