using System.Text.Json;
using System.Text.Json.Serialization;
using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Dsl;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Formats;

namespace KneeSeg.Runs;

/// <summary>The JSON of the files of a run folder.</summary>
internal static class RunJson
{
    public static JsonSerializerOptions Style { get; } =
        new(JsonStyle.Indented)
        {
            Converters =
            {
                new NetworkSpecJson(),
                new RecipeJson(),
                new ModelSizeJson(),
                new PreprocessorJson(),
                new JsonStringEnumConverter<Split>(JsonNamingPolicy.CamelCase),
                new JsonStringEnumConverter<WindowAverage>(JsonNamingPolicy.CamelCase),
            },
        };
}

/// <summary>A network as its canonical JSON.</summary>
internal sealed class NetworkSpecJson : JsonConverter<NetworkSpec>
{
    public override NetworkSpec Read(
        ref Utf8JsonReader reader,
        Type type,
        JsonSerializerOptions options
    )
    {
        using var json = JsonDocument.ParseValue(ref reader);
        try
        {
            return Networks.Parse(json.RootElement.GetRawText());
        }
        catch (SpecException e)
        {
            throw new JsonException($"its network: {e.Where}: {e.What}", e);
        }
    }

    public override void Write(
        Utf8JsonWriter writer,
        NetworkSpec spec,
        JsonSerializerOptions options
    )
    {
        using var json = JsonDocument.Parse(spec.Json);
        json.RootElement.WriteTo(writer);
    }
}

/// <summary>A recipe with its words and sizes as text. Fields of later versions are passed over.</summary>
internal sealed class RecipeJson : JsonConverter<Recipe>
{
    private static readonly Recipe Default = new();
    private static readonly string[] Later = ["outputs", "slices", "synthetic", "validationShare"];

    public override Recipe Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
    {
        using var json = JsonDocument.ParseValue(ref reader);
        if (json.RootElement.ValueKind != JsonValueKind.Object)
            throw new JsonException("its recipe is not an object");
        var recipe = new Recipe();
        try
        {
            foreach (var field in json.RootElement.EnumerateObject())
                if (RecipeFields.ByName.TryGetValue(field.Name, out var property))
                    property.SetValue(
                        recipe,
                        RecipeFields.Read(field.Name, field.Value, "its recipe")
                    );
        }
        catch (ProblemException e)
        {
            throw new JsonException($"{e.Where} {e.What}", e);
        }
        return recipe;
    }

    public override void Write(Utf8JsonWriter writer, Recipe recipe, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (name, field) in RecipeFields.ByName)
        {
            var value = field.GetValue(recipe);
            // As runs of earlier versions, which have no such field.
            if (Later.Contains(name) && Equals(value, field.GetValue(Default)))
                continue;
            writer.WritePropertyName(name);
            if (RecipeFields.IsText(field))
                writer.WriteStringValue(RecipeFields.Text(value));
            else
                JsonSerializer.Serialize(writer, value, field.PropertyType);
        }
        writer.WriteEndObject();
    }
}

/// <summary>
/// The JSON of a preprocessor in checkpoints:
/// <c>{"orientation":"PIR","spacing":[d,h,w],"percentiles":[low,high],"intensity":"percentiles",
/// "interpolation":"linear","crop":null,"labels":"nearest","overlaps":"lowest"}</c>, to the last digit, and
/// <c>intensityByChannel</c> where channels differ. With <c>nnunet</c> the orientation is <c>stored</c>, and only the spacing holds
/// beside it. Checkpoints of older versions lack some of them.
/// </summary>
internal sealed class PreprocessorJson : JsonConverter<Preprocessor>
{
    private static readonly JsonSerializerOptions Style = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

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
                    Orientation: var orientation,
                    Spacing: [> 0 and var depth, > 0 and var height, > 0 and var width],
                    Percentiles: [>= 0 and var low, <= 100 and var high],
                    Intensity: var intensity,
                    Interpolation: var interpolation,
                    Crop: var crop,
                    Labels: var labels,
                    Overlaps: var overlaps,
                    IntensityByChannel: var byChannel,
                    Nnunet: var nnunet,
                }
            && orientation == (nnunet is null ? Orientation.ModelCodes : Stored.Order)
            && (nnunet?.Transpose.Order().SequenceEqual([0, 1, 2]) ?? true)
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
            {
                ByChannel = byChannel is null ? null : new(byChannel),
                Nnunet = nnunet,
            }
            : throw new JsonException($"its preprocessing {document.RootElement} is not supported");
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
                preprocessor.Nnunet is null ? Orientation.ModelCodes : Stored.Order,
                Listed(preprocessor.Spacing),
                [preprocessor.LowPercentile, preprocessor.HighPercentile],
                preprocessor.Intensity,
                preprocessor.Interpolation,
                preprocessor.Crop is { } crop ? Listed(crop) : null,
                preprocessor.Labels,
                preprocessor.Overlaps
            )
            {
                IntensityByChannel = preprocessor.ByChannel?.Each,
                Nnunet = preprocessor.Nnunet,
            },
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
    )
    {
        // Axes as the file has them, which versions without nnunet refuse.
        public const string Order = "stored";

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public IReadOnlyList<NormalizationMethod>? IntensityByChannel { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public NnunetPreprocessing? Nnunet { get; init; }
    }
}
