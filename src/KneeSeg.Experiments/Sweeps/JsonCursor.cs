using System.Text.Json;

namespace KneeSeg.Experiments.Sweeps;

/// <summary>A value in a JSON file, read strictly: an unexpected value is a problem that names its path (exit 2).</summary>
/// <param name="Where">The file and the path in it.</param>
/// <param name="Value">The value.</param>
internal readonly record struct JsonCursor(string Where, JsonElement Value)
{
    /// <summary>A field of this object, if present.</summary>
    public JsonCursor? Find(string name) =>
        Value.TryGetProperty(name, out var value) ? new JsonCursor($"{Where}.{name}", value) : null;

    /// <summary>A required field.</summary>
    public JsonCursor Need(string name) =>
        Find(name) ?? throw Problem($"missing field '{name}'", $"Add '{name}'");

    /// <summary>Checks that this is an object with no other fields, and each at most once.</summary>
    public JsonCursor Object(params string[] known) => Object(known, name => name);

    /// <summary>The same for fields that also have earlier names.</summary>
    /// <param name="known">The current names.</param>
    /// <param name="current">The current name for any name.</param>
    public JsonCursor Object(IReadOnlyCollection<string> known, Func<string, string> current)
    {
        if (Value.ValueKind != JsonValueKind.Object)
            throw Problem("not an object", $"Write {{ … }} with {string.Join(", ", known)}");
        HashSet<string> seen = [];
        foreach (var name in Value.EnumerateObject().Select(field => field.Name))
        {
            if (!known.Contains(current(name)))
                throw Problem(
                    $"unknown field '{name}'",
                    $"{Suggestion.DidYouMean(known, name)} Known fields: {string.Join(", ", known)}"
                );
            if (!seen.Add(current(name)))
                throw Problem($"duplicate field '{name}'", "Remove one");
        }
        return this;
    }

    /// <summary>The items of a non-empty array.</summary>
    public IReadOnlyList<JsonCursor> Items()
    {
        if (Value.ValueKind != JsonValueKind.Array || Value.GetArrayLength() == 0)
            throw Problem("not a list, or empty", "Write [ … ] with at least one item");
        var where = Where;
        return
        [
            .. Value.EnumerateArray().Select((item, i) => new JsonCursor($"{where}[{i}]", item)),
        ];
    }

    /// <summary>A non-empty string.</summary>
    public string Text() =>
        Value.ValueKind == JsonValueKind.String && Value.GetString() is { Length: > 0 } text
            ? text
            : throw Problem("not a string", "Write it in quotes");

    /// <summary>An integer of at least <paramref name="least"/>.</summary>
    public long Whole(long least) =>
        Value.ValueKind == JsonValueKind.Number
        && Value.TryGetInt64(out var number)
        && number >= least
        && number <= int.MaxValue
            ? number
            : throw Problem($"not an integer of at least {least}", $"Use {least} or more");

    /// <summary>A problem with this value.</summary>
    public ProblemException Problem(string what, string fix) =>
        new(ExitCode.Usage, Where, what, fix);
}
