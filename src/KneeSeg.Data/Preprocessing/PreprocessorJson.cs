using System.Text.Json;
using System.Text.Json.Serialization;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Formats;

namespace KneeSeg.Data.Preprocessing;

/// <summary>
/// The JSON of a preprocessor in checkpoints:
/// <c>{"orientation":"PIR","spacing":[d,h,w],"percentiles":[low,high],"intensity":"percentiles",
/// "interpolation":"linear","crop":null,"labels":"nearest","overlaps":"lowest"}</c>, to the last digit. Checkpoints of older
/// versions lack some of them.
/// </summary>
internal sealed class PreprocessorJson : JsonConverter<Preprocessor>
{
    private static readonly JsonSerializerOptions Style = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <exception cref="ProblemException">It is invalid (exit 5).</exception>
    public override Preprocessor Read(
        ref Utf8JsonReader reader,
        Type type,
        JsonSerializerOptions options
    )
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return
            Parts(document.RootElement)
                is {
                    Orientation: Orientation.ModelCodes,
                    Spacing: [> 0 and var depth, > 0 and var height, > 0 and var width],
                    Percentiles: [>= 0 and var low, <= 100 and var high],
                    Intensity: var intensity,
                    Interpolation: var interpolation,
                    Crop: var crop,
                    Labels: var labels,
                    Overlaps: var overlaps,
                }
            && low < high
            && crop is null or [> 0, > 0, > 0]
            ? new Preprocessor(
                new ModelSpacing(depth, height, width),
                low,
                high,
                intensity,
                interpolation,
                crop is [var d, var h, var w] ? new ModelSpacing(d, h, w) : null,
                labels,
                overlaps
            )
            : throw new ProblemException(
                ExitCode.Checkpoint,
                "preprocessing",
                $"{document.RootElement} is not supported by this version",
                "Use the version that trained the network, or train again with this one"
            );
    }

    public override void Write(
        Utf8JsonWriter writer,
        Preprocessor preprocessor,
        JsonSerializerOptions options
    )
    {
        static double[] Listed(ModelSpacing mm) => [mm.Depth, mm.Height, mm.Width];
        JsonSerializer.Serialize(
            writer,
            new Stored(
                Orientation.ModelCodes,
                Listed(preprocessor.Spacing),
                [preprocessor.LowPercentile, preprocessor.HighPercentile],
                preprocessor.Intensity,
                preprocessor.Interpolation,
                preprocessor.Crop is { } crop ? Listed(crop) : null,
                preprocessor.Labels,
                preprocessor.Overlaps
            ),
            Style
        );
    }

    private static Stored? Parts(JsonElement json)
    {
        try
        {
            return json.Deserialize<Stored>(Style);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Stored(
        string? Orientation,
        double[]? Spacing,
        double[]? Percentiles,
        NormalizationMethod Intensity = NormalizationMethod.Percentiles,
        Interpolation Interpolation = Interpolation.Linear,
        double[]? Crop = null,
        LabelInterpolation Labels = LabelInterpolation.Nearest,
        OverlapRule Overlaps = OverlapRule.Lowest
    );
}
