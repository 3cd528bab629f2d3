using KneeSeg.Dsl;
using KneeSeg.Torch;
using Onnx;
using static TorchSharp.torch;

namespace KneeSeg.Onnx;

/// <summary>A node that is being written, with names for what it adds.</summary>
/// <param name="Model">Receives its operators.</param>
/// <param name="Node">The node.</param>
/// <param name="Inputs">The values of its arguments.</param>
/// <param name="Tensors">Its weights, by the last part of their names.</param>
/// <param name="Axes">Of space: 2 or 3.</param>
internal sealed record OnnxLayer(
    ModelBuilder Model,
    Node Node,
    string[] Inputs,
    IReadOnlyDictionary<string, Tensor> Tensors,
    int Axes
)
{
    /// <summary>The value of its first argument.</summary>
    public string Input => Inputs[0];

    /// <summary>Adds the operator that makes its value.</summary>
    public string Add(
        string operation,
        IEnumerable<string> inputs,
        params AttributeProto[] attributes
    ) => Model.Add(operation, Node.Stage, inputs, attributes);

    /// <summary>Adds an operator on the way.</summary>
    public string Step(
        string name,
        string operation,
        IEnumerable<string> inputs,
        params AttributeProto[] attributes
    ) => Model.Add(operation, Named(name), inputs, attributes);

    /// <summary>Applies an operator of two arguments to all, from the first to the last.</summary>
    public string Chain(string operation)
    {
        var all = Inputs[0];
        for (var n = 1; n < Inputs.Length - 1; n++)
            all = Step($"{n}", operation, [all, Inputs[n]]);
        return Add(operation, [all, Inputs[^1]]);
    }

    /// <summary>The name of something inside it.</summary>
    public string Named(string name) => $"{Node.Stage}: {name}";

    /// <summary>A weight.</summary>
    public string Weight(string name, params long[] shape) =>
        Model.Weight(Stored(name), Tensors[name], shape);

    /// <summary>A weight of one number for each channel, to be broadcast over space.</summary>
    public string PerChannel(string name) => Model.PerChannel(Stored(name), Tensors[name], Axes);

    /// <summary>The weight of a norm, or what stands for one that it lacks.</summary>
    public string WeightOr(string name, float value, int channels) =>
        Tensors.ContainsKey(name)
            ? Weight(name)
            : Model.Numbers([.. Enumerable.Repeat(value, channels)], channels);

    /// <summary>Reorders axes.</summary>
    public string Transpose(string name, string value, params int[] order) =>
        Step(name, "Transpose", [value], Attributes.Of("perm", order));

    /// <summary>Another shape of the same elements; 0 keeps a length, −1 takes what is left.</summary>
    public string Reshape(string name, string value, params long[] shape) =>
        Step(name, "Reshape", [value, Model.Integers(shape)]);

    /// <summary>The length of a value along an axis, as a vector of one number.</summary>
    public string Length(string value, int axis)
    {
        var name = $"{value}: length {axis}";
        return Model.Has(name)
            ? name
            : Model.Add(
                "Shape",
                name,
                [value],
                Attributes.Of("start", axis),
                Attributes.Of("end", axis + 1)
            );
    }

    /// <summary>A shape: these lengths, then those of a value's space.</summary>
    public string WithSpaceOf(string value, params long[] lengths)
    {
        var space = Step("space", "Shape", [value], Attributes.Of("start", 2));
        return Step("shape", "Concat", [Model.Integers(lengths), space], Attributes.Of("axis", 0));
    }

    /// <summary>Space before channels, <c>[N, (D,) H, W, C]</c>.</summary>
    public string ChannelsLast(string value) =>
        Transpose("channels last", value, [0, .. Enumerable.Range(2, Axes), 1]);

    /// <summary>Makes its value of one with channels last.</summary>
    public string FromChannelsLast(string value) =>
        Add(
            "Transpose",
            [value],
            Attributes.Of("perm", [0, Axes + 1, .. Enumerable.Range(1, Axes)])
        );

    private string Stored(string name) => $"{ParameterTree.Name(Node.Weights)}.{name}";
}
