using Onnx;

namespace KneeSeg.Onnx.Operators;

/// <summary>What is done to channels.</summary>
internal static class OverChannels
{
    /// <summary>The same channels so many times.</summary>
    public static string Tile(OnnxLayer layer, int times) =>
        layer.Add(
            "Tile",
            [layer.Input, layer.Model.Integers([1, times, .. Enumerable.Repeat(1L, layer.Axes)])]
        );

    /// <summary>Channels of zeros before and after.</summary>
    public static string Pad(OnnxLayer layer, int before, int after)
    {
        var space = new long[layer.Axes];
        return layer.Add(
            "Pad",
            [
                layer.Input,
                layer.Model.Integers([0, before, .. space, 0, after, .. space]),
                layer.Model.Numbers([0]),
            ]
        );
    }

    /// <summary>One of equal groups of so many channels.</summary>
    public static string Group(OnnxLayer layer, int index, int channels) =>
        layer.Add(
            "Slice",
            [
                layer.Input,
                layer.Model.Integers(index * channels),
                layer.Model.Integers((index + 1) * channels),
                layer.Model.Integers(1),
            ]
        );

    /// <summary>The index of the largest channel.</summary>
    public static string Argmax(OnnxLayer layer) =>
        layer.Add(
            "Cast",
            [layer.Step("index", "ArgMax", [layer.Input], Attributes.Of("axis", 1))],
            Attributes.Of("to", (long)TensorProto.Types.DataType.Float)
        );
}
