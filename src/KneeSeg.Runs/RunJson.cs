using System.Text.Json;

namespace KneeSeg.Runs;

/// <summary>How a run's folder writes JSON, and how strictly it reads it.</summary>
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
