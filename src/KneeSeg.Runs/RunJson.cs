using System.Text.Json;

namespace KneeSeg.Runs;

/// <summary>JSON options for the files of a run folder.</summary>
internal static class RunJson
{
    public static JsonSerializerOptions Style { get; } =
        new(JsonSerializerDefaults.Web)
        {
            WriteIndented = true,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
        };
}
