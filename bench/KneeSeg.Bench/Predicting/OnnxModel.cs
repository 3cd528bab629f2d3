using System.Runtime.InteropServices;
using KneeSeg.Dsl;
using KneeSeg.Torch;
using static TorchSharp.torch;

namespace KneeSeg.Bench.Predicting;

/// <summary>A network as an ONNX model, for what a plain 3D U-Net has of operations; it ends in probabilities.</summary>
/// <remarks>Field numbers are those of onnx.proto3, opset 13.</remarks>
internal static class OnnxModel
{
    private const long Opset = 13;
    private const long FloatType = 1;

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
            .Concat(network.named_buffers().Select(pair => (pair.name, Value: pair.buffer)))
            .ToDictionary(pair => pair.name, pair => pair.Value);
        var body = new ProtobufMessage();
        foreach (var node in graph.Nodes.Where(node => !node.Op.IsInput))
            body.Add(1, Node(node));
        body.Add(1, Node("Softmax", [Map(graph.Output)], "probabilities", [Whole("axis", 1)]));
        body.Add(2, graph.Name);
        foreach (var (name, value) in weights)
            body.Add(5, Initial(name, value));
        long[] lengths = [.. size.Select(length => (long)length)];
        body.Add(11, Described(Map(0), [1, graph.Channels, .. lengths]));
        body.Add(12, Described("probabilities", [1, graph.Classes, .. lengths]));
        return new ProtobufMessage()
            .Add(1, 8)
            .Add(7, body)
            .Add(8, new ProtobufMessage().Add(1, "").Add(2, Opset))
            .ToArray();
    }

    private static string Map(int node) => $"map{node}";

    private static ProtobufMessage Node(Node node)
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

    private static ProtobufMessage Node(
        string op,
        string[] inputs,
        string output,
        ProtobufMessage[] attributes
    )
    {
        var node = new ProtobufMessage();
        foreach (var input in inputs)
            node.Add(1, input);
        node.Add(2, output).Add(4, op);
        foreach (var attribute in attributes)
            node.Add(5, attribute);
        return node;
    }

    private static ProtobufMessage[] Window(
        int[] kernel,
        int[] stride,
        int[] before,
        int[] after
    ) =>
        [
            Wholes("kernel_shape", kernel),
            Wholes("strides", stride),
            Wholes("pads", [.. before, .. after]),
        ];

    private static ProtobufMessage Whole(string name, long value) =>
        new ProtobufMessage().Add(1, name).Add(3, value).Add(20, 2);

    private static ProtobufMessage Number(string name, float value) =>
        new ProtobufMessage().Add(1, name).Add(2, value).Add(20, 1);

    private static ProtobufMessage Wholes(string name, int[] values)
    {
        var attribute = new ProtobufMessage().Add(1, name).Add(20, 7);
        foreach (var value in values)
            attribute.Add(8, (long)value);
        return attribute;
    }

    private static ProtobufMessage Initial(string name, Tensor value)
    {
        var tensor = new ProtobufMessage();
        foreach (var length in value.shape)
            tensor.Add(1, length);
        using var plain = value.detach().contiguous();
        return tensor
            .Add(2, FloatType)
            .Add(8, name)
            .Add(9, MemoryMarshal.AsBytes(plain.data<float>().ToArray().AsSpan()));
    }

    private static ProtobufMessage Described(string name, long[] shape)
    {
        var dimensions = new ProtobufMessage();
        foreach (var length in shape)
            dimensions.Add(1, new ProtobufMessage().Add(1, length));
        var tensor = new ProtobufMessage().Add(1, FloatType).Add(2, dimensions);
        return new ProtobufMessage().Add(1, name).Add(2, new ProtobufMessage().Add(1, tensor));
    }
}
