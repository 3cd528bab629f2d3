using System.Text.Json;

namespace KneeSeg.Data.Datasets;

/// <summary>A value in a manifest with its JSON path, which errors name.</summary>
internal readonly record struct ManifestField(string File, string Path, JsonElement Value)
{
    /// <summary>An error in this value.</summary>
    public ProblemException Fault(string what, string fix) =>
        new(ExitCode.Data, Path.Length == 0 ? File : $"{File}, {Path}", what, fix);

    /// <summary>Refuses unknown fields.</summary>
    public void AllowOnly(params ReadOnlySpan<string> names)
    {
        RequireObject();
        foreach (var property in Value.EnumerateObject())
            if (!names.Contains(property.Name))
                throw Fault(
                    $"unknown field \"{property.Name}\"",
                    $"Use {string.Join(", ", names.ToArray())}"
                );
    }

    /// <summary>Refuses anything but an object.</summary>
    public void RequireObject() => RequireKind(JsonValueKind.Object, "an object in braces");

    /// <summary>A field that may be absent.</summary>
    public ManifestField? Find(string name) =>
        Value.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? new(File, Path.Length == 0 ? name : $"{Path}.{name}", value)
            : null;

    /// <summary>A field that must be there.</summary>
    public ManifestField Get(string name) =>
        Find(name) ?? throw Fault($"the field \"{name}\" is missing", "Add it");

    /// <summary>The elements of a list.</summary>
    public IEnumerable<ManifestField> Items()
    {
        RequireKind(JsonValueKind.Array, "a list in square brackets");
        var (file, path) = (File, Path);
        return Value
            .EnumerateArray()
            .Select((item, index) => new ManifestField(file, $"{path}[{index}]", item));
    }

    /// <summary>The fields of an object, whatever their names.</summary>
    public IEnumerable<(string Name, ManifestField Value)> Fields()
    {
        RequireObject();
        var (file, path) = (File, Path);
        return Value
            .EnumerateObject()
            .Select(field =>
                (field.Name, new ManifestField(file, $"{path}.{field.Name}", field.Value))
            );
    }

    /// <summary>A text that is not empty.</summary>
    public string Text()
    {
        RequireKind(JsonValueKind.String, "a text in quotes");
        return Value.GetString() is { Length: > 0 } text
            ? text
            : throw Fault("the text is empty", "Fill it in");
    }

    /// <summary>One of a few words.</summary>
    public T Word<T>()
        where T : struct, Enum
    {
        var text = Text();
        foreach (var value in Enum.GetValues<T>())
            if (value.ToString().Equals(text, StringComparison.OrdinalIgnoreCase))
                return value;
        var words = string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant();
        throw Fault($"\"{text}\" is unknown", $"Use one of {words}");
    }

    /// <summary>A finite number.</summary>
    public double Number()
    {
        RequireKind(JsonValueKind.Number, "a number");
        return Value.GetDouble() is var number && double.IsFinite(number)
            ? number
            : throw Fault("the number is too large", "Use a finite number");
    }

    /// <summary>A whole number.</summary>
    public int Integer() =>
        Value.ValueKind == JsonValueKind.Number && Value.TryGetInt32(out var number)
            ? number
            : throw Fault("it is not a whole number", "Write a whole number");

    private void RequireKind(JsonValueKind kind, string name)
    {
        if (Value.ValueKind != kind)
            throw Fault($"it is not {name}", $"Write {name}");
    }
}
