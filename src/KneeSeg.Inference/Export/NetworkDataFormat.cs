using System.Text.Json.Serialization;
using KneeSeg.Dsl;
using KneeSeg.Onnx;

namespace KneeSeg.Inference.Export;

/// <summary>The <c>network_data_format</c> of a MONAI bundle's <c>metadata.json</c>.</summary>
/// <param name="Inputs">By name.</param>
/// <param name="Outputs">By name.</param>
public sealed record NetworkDataFormat(
    IReadOnlyDictionary<string, TensorFormat> Inputs,
    IReadOnlyDictionary<string, TensorFormat> Outputs
)
{
    /// <summary>That of a network.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="channels">The channels of an image.</param>
    /// <param name="labels">The labels, background first.</param>
    internal static NetworkDataFormat Of(
        Graph graph,
        IReadOnlyList<string> channels,
        IReadOnlyList<string> labels
    )
    {
        string[] shape =
        [
            .. graph.Multiple.Select(
                (multiple, axis) =>
                    axis == 0 && graph.Slices != 0 ? $"{graph.Slices}" : $"{multiple}*n"
            ),
        ];
        return new(
            One(OnnxModel.Image, "magnitude", graph.Channels, channels, []),
            One(
                OnnxModel.Probabilities,
                "segmentation",
                graph.Classes,
                graph.Classes == 1 ? [.. labels.Skip(1)] : labels,
                [0, 1]
            )
        );

        Dictionary<string, TensorFormat> One(
            string name,
            string format,
            int count,
            IReadOnlyList<string> meanings,
            double[] range
        ) =>
            new()
            {
                [name] = new(
                    "image",
                    format,
                    count,
                    shape,
                    "float32",
                    range,
                    true,
                    meanings.Index().ToDictionary(pair => $"{pair.Index}", pair => pair.Item)
                ),
            };
    }
}

/// <summary>A tensor, as MONAI describes it.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Format">What its values are.</param>
/// <param name="Channels">How many channels it has.</param>
/// <param name="Shape">The lengths along space; <c>16*n</c> is any multiple of 16.</param>
/// <param name="Element">The type of its elements.</param>
/// <param name="Range">The range of its values; empty where any value is possible.</param>
/// <param name="IsPatch">Whether it is a part of an image.</param>
/// <param name="Meanings">What each channel is.</param>
public sealed record TensorFormat(
    string Type,
    string Format,
    [property: JsonPropertyName("num_channels")] int Channels,
    [property: JsonPropertyName("spatial_shape")] IReadOnlyList<string> Shape,
    [property: JsonPropertyName("dtype")] string Element,
    [property: JsonPropertyName("value_range")] IReadOnlyList<double> Range,
    [property: JsonPropertyName("is_patch_data")] bool IsPatch,
    [property: JsonPropertyName("channel_def")] IReadOnlyDictionary<string, string> Meanings
);
