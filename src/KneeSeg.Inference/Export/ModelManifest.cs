using System.Text.Json;
using System.Text.Json.Serialization;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Patches;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Dsl;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Formats.Dicom;
using KneeSeg.Imaging.Resampling;
using KneeSeg.Inference.Tiling;
using KneeSeg.Onnx;
using KneeSeg.Runs;

namespace KneeSeg.Inference.Export;

/// <summary>
/// What a program needs to know to predict with an exported network: the preprocessing, the windows, and what the outputs
/// mean. It is in the model's metadata, and in a file beside it.
/// </summary>
/// <param name="Format">The version of these fields.</param>
/// <param name="Network">The network's name with variants.</param>
/// <param name="Hash">Hash of the architecture.</param>
/// <param name="Version">The version of KneeSeg that exported it.</param>
/// <param name="Trained">What it was trained on.</param>
/// <param name="Input">The input of the network.</param>
/// <param name="Preprocessing">The steps from an image to the input, in this order.</param>
/// <param name="Windows">How the network is applied to a larger image.</param>
/// <param name="Output">The outputs of the network.</param>
public sealed record ModelManifest(
    int Format,
    string Network,
    string Hash,
    string Version,
    TrainedOn Trained,
    ModelInputDescription Input,
    IReadOnlyList<PreprocessingStep> Preprocessing,
    WindowDescription Windows,
    ModelOutputDescription Output
)
{
    private static readonly JsonSerializerOptions Style = new(JsonStyle.Indented)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>How closely ONNX Runtime follows the network; only in the file beside the model.</summary>
    public ParityCertificate? Certificate { get; init; }

    /// <summary>As JSON, the same text for the same network.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Style);

    /// <summary>The input and output in the words of a MONAI bundle's <c>metadata.json</c>.</summary>
    [JsonPropertyName("network_data_format")]
    public required NetworkDataFormat NetworkDataFormat { get; init; }

    /// <summary>Describes a network of a run.</summary>
    internal static ModelManifest Of(TrainedNetwork trained, IReadOnlyList<NamedOutput> outputs)
    {
        var (run, graph, patch) = (trained.Run, trained.Network.Graph, trained.Patch);
        var averagesLogits = patch.Averaged == WindowAverage.Logits;
        IReadOnlyList<string> channels = run.Channels is { Count: > 0 } named ? named : ["image"];
        return new(
            1,
            run.Network,
            run.Hash,
            RunManifest.ThisVersion,
            new(run.Data, run.Fingerprint, run.Cases.GetValueOrDefault(Split.Train)?.Count ?? 0),
            new(
                OnnxModel.Image,
                graph.Axes == 2 ? "NCHW" : "NCDHW",
                channels,
                patch.Slices,
                patch.Lengths,
                graph.Multiple,
                OnnxModel.HasFixedSize(graph),
                graph.Nodes.Any(node => node.Op is Op.Input { Name: OnnxModel.Position })
                    ? new(
                        OnnxModel.Position,
                        "where a window begins along depth, height and width: -1 is the first voxel, 1 the last place where a window fits, 0 the middle"
                    )
                    : null
            ),
            [
                .. run.Preprocessing.Nnunet is { } nnunet
                    ? NnunetSteps.Of(nnunet, run.Preprocessing.Spacing, channels)
                    : Steps(run.Preprocessing, channels),
            ],
            new(
                0.5,
                $"Gaussian with a standard deviation of an eighth of the window, around {(averagesLogits ? "n / 2, rounded down" : "(n - 1) / 2")}",
                averagesLogits ? "logits, weighted" : "probabilities, weighted",
                patch.Kind switch
                {
                    PatchKind.Slice => "each slice alone",
                    PatchKind.Slab =>
                        "each slice with its neighbors as context; the first and the last slice repeat",
                    _ => "along three axes",
                },
                averagesLogits ? "zero" : "the lowest value of the normalized image"
            ),
            new(
                OnnxModel.Logits,
                OnnxModel.Probabilities,
                graph.Classes == 1
                    ? "the probability of label 1"
                    : "the probability of each label; the most probable is predicted",
                [.. Structures(run.Schema)],
                run.Temperature
            )
            {
                Named =
                [
                    .. outputs.Select(output => new NamedOutputDescription(
                        OnnxModel.NameOf(output),
                        graph.Nodes[output.Node].Shape.Channels,
                        output.Target.IsSignedDistance
                                ? "the signed distance to the boundary in mm, negative inside"
                            : output.Target.IsPresence
                                ? "whether structures are in the image, before the sigmoid, or the softmax of two"
                            : "labels, before the softmax"
                    )),
                ],
            }
        )
        {
            NetworkDataFormat = NetworkDataFormat.Of(graph, channels, run.Labels),
        };
    }

    private static IEnumerable<PreprocessingStep> Steps(
        Preprocessor own,
        IReadOnlyList<string> channels
    )
    {
        yield return new("replace values that are not finite") { With = "the lowest finite value" };
        yield return new("reorder axes") { Axes = "RIP" };
        yield return new("resample")
        {
            Millimeters = [own.Spacing.Depth, own.Spacing.Height, own.Spacing.Width],
            Interpolation = own.Interpolation == Interpolation.Cubic ? "cubic B-spline" : "linear",
            With = "the lowest value outside of the image",
        };
        if (own.Crop is { } crop)
            yield return new("crop around the center")
            {
                Millimeters = [crop.Depth, crop.Height, crop.Width],
            };
        var rules = own.ByChannel?.Each ?? [own.Intensity];
        foreach (var (index, rule) in rules.Index())
            yield return new("normalize intensities")
            {
                Channel = rules.Count > 1 ? channels[index] : null,
                Rule = rule switch
                {
                    NormalizationMethod.ZScore => "subtract the mean, divide by the deviation",
                    NormalizationMethod.Constant =>
                        "clip at 0.01, subtract the mean of before, divide by the deviation of after",
                    _ => "clip to the percentiles, subtract the mean, divide by the deviation",
                },
                Percentiles =
                    rule == NormalizationMethod.Percentiles
                        ? [own.LowPercentile, own.HighPercentile]
                        : null,
            };
    }

    private static IEnumerable<LabelDescription> Structures(LabelSchema schema)
    {
        yield return new(0, schema.Labels[0]);
        foreach (var segment in StructureCodes.Segments(schema))
            yield return new(segment.Number, segment.Name)
            {
                Color = $"{segment.Color}",
                Category = segment.Category,
                Type = segment.Type,
                Region = segment.Region,
                RegionModifier = segment.RegionModifier,
            };
    }
}

/// <summary>What a network was trained on.</summary>
/// <param name="Data">The dataset's name.</param>
/// <param name="Fingerprint">A hash of it.</param>
/// <param name="Cases">The number of training cases.</param>
public sealed record TrainedOn(string Data, string Fingerprint, int Cases);

/// <summary>The input of a network.</summary>
/// <param name="Name">Its name in the model.</param>
/// <param name="Layout">The order of axes: batch, channels, then depth (to the right), height (down) and width (to the back).</param>
/// <param name="Channels">The channels of an image, in their order.</param>
/// <param name="Slices">How many neighboring slices of each channel follow each other as channels.</param>
/// <param name="Window">The size of a window.</param>
/// <param name="Multiple">Other sizes are multiples of this.</param>
/// <param name="FixedSize">Whether the window is the only size.</param>
/// <param name="Position">The second input; null where there is none.</param>
public sealed record ModelInputDescription(
    string Name,
    string Layout,
    IReadOnlyList<string> Channels,
    int Slices,
    IReadOnlyList<int> Window,
    IReadOnlyList<int> Multiple,
    bool FixedSize,
    PositionDescription? Position
);

/// <summary>The input that says where a window lies.</summary>
/// <param name="Name">Its name in the model.</param>
/// <param name="Meaning">What its three numbers are.</param>
public sealed record PositionDescription(string Name, string Meaning);

/// <summary>A step from an image to the input. Fields that say nothing are left out.</summary>
/// <param name="Step">What is done.</param>
public sealed record PreprocessingStep(string Step)
{
    /// <summary>The directions of the axes: right, inferior, posterior.</summary>
    public string? Axes { get; init; }

    /// <summary>Along depth, height and width.</summary>
    public IReadOnlyList<double>? Millimeters { get; init; }

    /// <summary>How values between voxels are found.</summary>
    public string? Interpolation { get; init; }

    /// <summary>What stands in for what is missing.</summary>
    public string? With { get; init; }

    /// <summary>The channel; null for all.</summary>
    public string? Channel { get; init; }

    /// <summary>What is computed, over all voxels.</summary>
    public string? Rule { get; init; }

    /// <summary>Where values are clipped, 0 to 100.</summary>
    public IReadOnlyList<double>? Percentiles { get; init; }
}

/// <summary>How a network is applied to a larger image.</summary>
/// <param name="Overlap">The fraction of a window that the next one shares at least.</param>
/// <param name="Weights">The weight of a voxel in its window.</param>
/// <param name="Averaged">What is averaged.</param>
/// <param name="Along">How windows lie.</param>
/// <param name="Outside">The value beyond the image.</param>
public sealed record WindowDescription(
    double Overlap,
    string Weights,
    string Averaged,
    string Along,
    string Outside
);

/// <summary>The outputs of a network.</summary>
/// <param name="Logits">The name of the output before the softmax or sigmoid.</param>
/// <param name="Probabilities">The name of the output of probabilities.</param>
/// <param name="Meaning">What the channels are.</param>
/// <param name="Labels">The labels, in the order of the channels.</param>
/// <param name="Temperature">Calibrates probabilities, softmax(logits / T); null where it was not fitted.</param>
public sealed record ModelOutputDescription(
    string Logits,
    string Probabilities,
    string Meaning,
    IReadOnlyList<LabelDescription> Labels,
    double? Temperature
)
{
    /// <summary>Further outputs; null where there are none.</summary>
    public IReadOnlyList<NamedOutputDescription>? Named { get; init; }
}

/// <summary>A further output of a network.</summary>
/// <param name="Name">Its name in the model.</param>
/// <param name="Channels">How many channels it has.</param>
/// <param name="Meaning">What they are.</param>
public sealed record NamedOutputDescription(string Name, int Channels, string Meaning);

/// <summary>A label. Codes are those of its DICOM segment; the background has none.</summary>
/// <param name="Value">Its number in label volumes.</param>
/// <param name="Name">The structure.</param>
public sealed record LabelDescription(int Value, string Name)
{
    /// <summary>Such as <c>#56b4e9</c>.</summary>
    public string? Color { get; init; }

    /// <inheritdoc cref="CodedSegment.Category"/>
    public CodedConcept? Category { get; init; }

    /// <inheritdoc cref="CodedSegment.Type"/>
    public CodedConcept? Type { get; init; }

    /// <inheritdoc cref="CodedSegment.Region"/>
    public CodedConcept? Region { get; init; }

    /// <inheritdoc cref="CodedSegment.RegionModifier"/>
    public CodedConcept? RegionModifier { get; init; }
}
