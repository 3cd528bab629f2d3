using KneeSeg.Dsl;

namespace KneeSeg.Onnx.Operators;

/// <summary>Activations, by their formulas where opset 17 has no operator.</summary>
internal static class Activations
{
    /// <summary>An activation.</summary>
    public static string Of(OnnxLayer layer, Activation activation)
    {
        var x = layer.Input;
        return activation switch
        {
            { IsRelu: true } => layer.Add("Relu", [x]),
            Activation.LeakyRelu { Slope: var slope } => layer.Add(
                "LeakyRelu",
                [x],
                Attributes.Of("alpha", slope)
            ),
            // A vector would broadcast along the last axis.
            { IsPRelu: true } or { IsSinglePRelu: true } => layer.Add(
                "PRelu",
                [x, layer.PerChannel("weight")]
            ),
            { IsElu: true } => layer.Add("Elu", [x]),
            Activation.Celu { Alpha: var alpha } => layer.Add(
                "Celu",
                [x],
                Attributes.Of("alpha", alpha)
            ),
            { IsSelu: true } => layer.Add("Selu", [x]),
            { IsRelu6: true } => layer.Add("Clip", [x, Number(0), Number(6)]),
            { IsGelu: true } => layer.Add(
                "Mul",
                [x, Normal(Times("scaled", x, Math.Sqrt(0.5)), "Erf")]
            ),
            { IsGeluTanh: true } => layer.Add("Mul", [x, Normal(Cubic(), "Tanh")]),
            { IsSilu: true } => layer.Add("Mul", [x, layer.Step("gate", "Sigmoid", [x])]),
            { IsHardSwish: true } => layer.Add("HardSwish", [x]),
            { IsMish: true } => layer.Add(
                "Mul",
                [x, layer.Step("gate", "Tanh", [layer.Step("softplus", "Softplus", [x])])]
            ),
            { IsSoftplus: true } => layer.Add("Softplus", [x]),
            { IsSigmoid: true } => layer.Add("Sigmoid", [x]),
            { IsHardSigmoid: true } => layer.Add(
                "HardSigmoid",
                [x],
                Attributes.Of("alpha", 1.0 / 6),
                Attributes.Of("beta", 0.5)
            ),
            { IsTanh: true } => layer.Add("Tanh", [x]),
            { IsHardTanh: true } => layer.Add("Clip", [x, Number(-1), Number(1)]),
            { IsChannelSoftmax: true } => layer.Add("Softmax", [x], Attributes.Of("axis", 1)),
            _ => throw new NotSupportedException(
                $"{layer.Node.Stage}: {activation} has no ONNX operator"
            ),
        };

        string Number(double value) => layer.Model.Numbers([(float)value]);
        string Times(string name, string value, double factor) =>
            layer.Step(name, "Mul", [value, Number(factor)]);

        // The normal distribution's probability of less: half of 1 + erf, or of 1 + tanh as its approximation.
        string Normal(string argument, string function)
        {
            var curve = layer.Step("curve", function, [argument]);
            return Times("probability", layer.Step("sum", "Add", [curve, Number(1)]), 0.5);
        }

        string Cubic()
        {
            var square = layer.Step("square", "Mul", [x, x]);
            var share = layer.Step("share", "Add", [Times("cubic", square, 0.044715), Number(1)]);
            var product = layer.Step("product", "Mul", [x, share]);
            return Times("scaled", product, Math.Sqrt(2 / Math.PI));
        }
    }
}
