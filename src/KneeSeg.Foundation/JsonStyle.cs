using System.Text.Encodings.Web;
using System.Text.Json;

namespace KneeSeg;

/// <summary>How JSON is written: names in camel case, and indented.</summary>
public static class JsonStyle
{
    /// <summary>For files, which are refused where a value is missing.</summary>
    public static JsonSerializerOptions Indented { get; } =
        new(JsonSerializerDefaults.Web)
        {
            WriteIndented = true,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
        };

    /// <summary>For the terminal, where letters need no escapes.</summary>
    public static JsonSerializerOptions Printed { get; } =
        new(JsonSerializerDefaults.Web)
        {
            WriteIndented = true,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
}
