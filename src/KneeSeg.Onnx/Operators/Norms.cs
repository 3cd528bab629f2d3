using KneeSeg.Dsl;
using Onnx;

namespace KneeSeg.Onnx.Operators;

/// <summary>Normalizations.</summary>
internal static class Norms
{
    /// <summary>A normalization; a batch norm that was folded has no tensors, and does nothing.</summary>
    public static string Of(OnnxLayer layer, NormOp op) =>
        op.Kind switch
        {
            { IsBatch: true } when layer.Tensors.Count == 0 => layer.Input,
            { IsBatch: true } => layer.Add(
                "BatchNormalization",
                [
                    layer.Input,
                    .. Affine(layer, op),
                    layer.Weight("running_mean"),
                    layer.Weight("running_var"),
                ],
                Epsilon(op)
            ),
            { IsInstance: true } => layer.Add(
                "InstanceNormalization",
                [layer.Input, .. Affine(layer, op)],
                Epsilon(op)
            ),
            { IsChannelLayer: true } => layer.FromChannelsLast(
                layer.Step(
                    "norm",
                    "LayerNormalization",
                    [layer.ChannelsLast(layer.Input), .. Affine(layer, op)],
                    Epsilon(op)
                )
            ),
            NormOpKind.Group { Groups: var groups } => Group(layer, op, groups),
            _ => throw new NotSupportedException($"{layer.Node.Stage}: {op.Kind}"),
        };

    /// <summary>Global response normalization.</summary>
    public static string GlobalResponse(OnnxLayer layer, double epsilon)
    {
        var response = layer.Step(
            "response",
            "ReduceL2",
            [layer.Input],
            Attributes.Of("axes", Enumerable.Range(2, layer.Axes))
        );
        var mean = layer.Step("mean", "ReduceMean", [response], Attributes.Of("axes", [1]));
        var divisor = layer.Step(
            "divisor",
            "Add",
            [mean, layer.Model.Numbers([(float)epsilon], 1)]
        );
        var share = layer.Step("share", "Div", [response, divisor]);
        var scaled = layer.Step("scaled", "Mul", [share, layer.PerChannel("weight")]);
        var factor = layer.Step("factor", "Add", [scaled, layer.Model.Numbers([1], 1)]);
        var product = layer.Step("product", "Mul", [layer.Input, factor]);
        return layer.Add("Add", [product, layer.PerChannel("bias")]);
    }

    // GroupNormalization came with opset 18, with one scale for each group, and has one for each channel from 21 on.
    private static string Group(OnnxLayer layer, NormOp op, int groups)
    {
        var model = layer.Model;
        var split = layer.Reshape("groups", layer.Input, 0, groups, -1);
        var norm = layer.Step(
            "norm",
            "InstanceNormalization",
            [
                split,
                model.Numbers([.. Enumerable.Repeat(1f, groups)], groups),
                model.Numbers(new float[groups], groups),
            ],
            Epsilon(op)
        );
        var shape = layer.Step("shape", "Shape", [layer.Input]);
        string[] learned =
        [
            .. op.Gamma ? ["Mul"] : Array.Empty<string>(),
            .. op.Beta ? ["Add"] : Array.Empty<string>(),
        ];
        if (learned is [])
            return layer.Add("Reshape", [norm, shape]);
        var value = layer.Step("whole", "Reshape", [norm, shape]);
        if (learned is ["Mul", "Add"])
            value = layer.Step("scaled", "Mul", [value, layer.PerChannel("weight")]);
        return layer.Add(
            learned[^1],
            [value, layer.PerChannel(learned[^1] == "Add" ? "bias" : "weight")]
        );
    }

    private static IEnumerable<string> Affine(OnnxLayer layer, NormOp op) =>
        [layer.WeightOr("weight", 1, op.Channels), layer.WeightOr("bias", 0, op.Channels)];

    private static AttributeProto Epsilon(NormOp op) => Attributes.Of("epsilon", op.Epsilon);
}
