using System.Text.Json;

namespace KneeSeg.Experiments;

/// <summary>A place in a JSON file, read strictly: what it should be and isn't is a problem with its path (exit 2).</summary>
/// <param name="Where">The file and the path in it.</param>
/// <param name="Value">What stands there.</param>
internal readonly record struct JsonCursor(string Where, JsonElement Value)
{
    /// <summary>A field of this object, if it is there.</summary>
    public JsonCursor? Find(string name) =>
        Value.TryGetProperty(name, out var value) ? new JsonCursor($"{Where}.{name}", value) : null;

    /// <summary>A field that must be there.</summary>
    public JsonCursor Need(string name) =>
        Find(name) ?? throw Problem($"has no '{name}'", $"Give '{name}'");

    /// <summary>Checks that this is an object with none but these fields, each once.</summary>
    public JsonCursor Object(params string[] known)
    {
        if (Value.ValueKind != JsonValueKind.Object)
            throw Problem("is no object", $"Write {{ … }} with {string.Join(", ", known)}");
        HashSet<string> seen = [];
        foreach (var name in Value.EnumerateObject().Select(field => field.Name))
        {
            if (!known.Contains(name))
                throw Problem(
                    $"has no field '{name}'",
                    $"Did you mean '{known.MinBy(one => EditDistance.Of(one, name))}'? There are {string.Join(", ", known)}"
                );
            if (!seen.Add(name))
                throw Problem($"has '{name}' twice", "Leave one out");
        }
        return this;
    }

    /// <summary>The items of an array that is not empty.</summary>
    public IReadOnlyList<JsonCursor> Items()
    {
        if (Value.ValueKind != JsonValueKind.Array || Value.GetArrayLength() == 0)
            throw Problem("is no list, or an empty one", "Write [ … ] with at least one item");
        var where = Where;
        return
        [
            .. Value.EnumerateArray().Select((item, i) => new JsonCursor($"{where}[{i}]", item)),
        ];
    }

    /// <summary>A text that is not empty.</summary>
    public string Text() =>
        Value.ValueKind == JsonValueKind.String && Value.GetString() is { Length: > 0 } text
            ? text
            : throw Problem("is no text", "Write it in quotes");

    /// <summary>A whole number that is not below <paramref name="least"/>.</summary>
    public long Whole(long least) =>
        Value.ValueKind == JsonValueKind.Number
        && Value.TryGetInt64(out var number)
        && number >= least
        && number <= int.MaxValue
            ? number
            : throw Problem($"is no whole number from {least}", $"Write one, such as {least}");

    /// <summary>What is wrong here.</summary>
    public ProblemException Problem(string what, string fix) =>
        new(ExitCode.Usage, Where, what, fix);
}
