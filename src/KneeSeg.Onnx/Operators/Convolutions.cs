using KneeSeg.Dsl;
using Onnx;

namespace KneeSeg.Onnx.Operators;

/// <summary>Convolutions and dense layers. ONNX has their weights as the network does.</summary>
internal static class Convolutions
{
    /// <summary>A convolution.</summary>
    public static string Of(OnnxLayer layer, ConvOp op) =>
        layer.Add("Conv", Inputs(layer), Window(op));

    /// <summary>A transposed convolution: what ONNX calls padding is cropped from its full result.</summary>
    public static string Transposed(OnnxLayer layer, ConvOp op) =>
        layer.Add("ConvTranspose", Inputs(layer), Window(op));

    /// <summary>A dense layer: a convolution of a map of one voxel.</summary>
    public static string Dense(OnnxLayer layer) =>
        layer.Add(
            "Conv",
            Inputs(layer, [.. layer.Tensors["weight"].shape, .. Enumerable.Repeat(1L, layer.Axes)]),
            Attributes.Of("kernel_shape", Enumerable.Repeat(1, layer.Axes))
        );

    private static IEnumerable<string> Inputs(OnnxLayer layer, params long[] shape)
    {
        yield return layer.Input;
        yield return layer.Weight("weight", shape);
        if (layer.Tensors.ContainsKey("bias"))
            yield return layer.Weight("bias");
    }

    private static AttributeProto[] Window(ConvOp op) =>
        [
            Attributes.Of("kernel_shape", op.Kernel),
            Attributes.Of("strides", op.Stride),
            Attributes.Of("dilations", op.Dilation),
            Attributes.Of("pads", [.. op.Before, .. op.After]),
            Attributes.Of("group", op.Groups),
        ];
}
