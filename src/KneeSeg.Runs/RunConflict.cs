using System.Text.Json;
using System.Text.Json.Nodes;

namespace KneeSeg.Runs;

/// <summary>Why an existing run can't be resumed with the requested settings.</summary>
/// <param name="What">The difference.</param>
/// <param name="Fix">What to do, without a full stop.</param>
public sealed record RunConflict(string What, string Fix)
{
    private const string AnotherRun = "Choose another --run, or rerun the command that started it";

    private const string AnotherDataset =
        "Restore the dataset to resume this run, or start a new one with another --run";

    /// <summary>The first conflict; null if the run can be resumed.</summary>
    /// <param name="existing">The run in the folder.</param>
    /// <param name="requested">The requested run.</param>
    public static RunConflict? Between(RunManifest existing, RunManifest requested)
    {
        if (existing.Network != requested.Network)
            return new(
                $"holds a run of {existing.Network}, not of {requested.Network}",
                AnotherRun
            );
        if (existing.Recipe != requested.Recipe)
            return new(
                $"holds a run with another recipe: {string.Join(", ", Fields(existing.Recipe, requested.Recipe))}",
                AnotherRun
            );
        string[] changes = [.. DatasetChanges.Between(existing, requested)];
        if (changes is not [])
            return new(
                $"the run's dataset '{existing.Data}' has changed since it began: {string.Join("; ", changes)}",
                AnotherDataset
            );
        return existing.Hash == requested.Hash
            ? null
            : new(
                $"holds a run of another network that is also named {existing.Network}",
                AnotherRun
            );
    }

    private static IEnumerable<string> Fields(Recipe existing, Recipe requested)
    {
        static JsonObject Json(Recipe recipe) =>
            JsonSerializer.SerializeToNode(recipe, RunJson.Style)!.AsObject();
        var other = Json(requested);
        return from field in Json(existing)
            where !JsonNode.DeepEquals(field.Value, other[field.Key])
            select $"{field.Key} {Text(field.Value)}, not {Text(other[field.Key])}";
    }

    private static string Text(JsonNode? value) => value?.ToJsonString() ?? "null";
}
