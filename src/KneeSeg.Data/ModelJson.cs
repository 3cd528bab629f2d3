using System.Text.Json;
using System.Text.Json.Serialization;
using KneeSeg.Imaging;

namespace KneeSeg.Data;

/// <summary>A size as <c>[depth, height, width]</c>.</summary>
internal sealed class ModelSizeJson : JsonConverter<ModelSize>
{
    /// <inheritdoc/>
    public override ModelSize Read(
        ref Utf8JsonReader reader,
        Type type,
        JsonSerializerOptions options
    ) =>
        JsonSerializer.Deserialize<int[]>(ref reader) is [var depth, var height, var width]
            ? new(depth, height, width)
            : throw new JsonException("a size has no depth, height and width");

    /// <inheritdoc/>
    public override void Write(
        Utf8JsonWriter writer,
        ModelSize size,
        JsonSerializerOptions options
    ) => JsonSerializer.Serialize(writer, size.Lengths);
}

/// <summary>A spacing as <c>[depth, height, width]</c>, in mm.</summary>
internal sealed class ModelSpacingJson : JsonConverter<ModelSpacing>
{
    /// <inheritdoc/>
    public override ModelSpacing Read(
        ref Utf8JsonReader reader,
        Type type,
        JsonSerializerOptions options
    ) =>
        JsonSerializer.Deserialize<double[]>(ref reader) is [var depth, var height, var width]
            ? new(depth, height, width)
            : throw new JsonException("a spacing has no depth, height and width");

    /// <inheritdoc/>
    public override void Write(
        Utf8JsonWriter writer,
        ModelSpacing mm,
        JsonSerializerOptions options
    ) => JsonSerializer.Serialize(writer, (double[])[mm.Depth, mm.Height, mm.Width]);
}
