using System.Text.Json;
using System.Text.Json.Nodes;

namespace KneeSeg.Runs;

/// <summary>Why a run can't be resumed as what is asked for now.</summary>
/// <param name="What">In what they differ.</param>
/// <param name="Fix">What the choices are, without a full stop.</param>
public sealed record RunConflict(string What, string Fix)
{
    private const string AnotherRun =
        "Choose another --run, or repeat the command that it was started with";

    private const string AnotherDataset =
        "Restore the data set to resume this run, or start a new one with another --run";

    /// <summary>The first reason that there is; null where the run may be resumed.</summary>
    /// <param name="there">What the folder holds.</param>
    /// <param name="wanted">What is asked for now.</param>
    public static RunConflict? Between(RunManifest there, RunManifest wanted)
    {
        if (there.Network != wanted.Network)
            return new($"holds a run of {there.Network}, not of {wanted.Network}", AnotherRun);
        if (there.Recipe != wanted.Recipe)
            return new(
                $"holds a run with another recipe: {string.Join(", ", Fields(there.Recipe, wanted.Recipe))}",
                AnotherRun
            );
        string[] changes = [.. DatasetChanges.Between(there, wanted)];
        if (changes is not [])
            return new(
                $"the run's data set '{there.Data}' has changed since it began: {string.Join("; ", changes)}",
                AnotherDataset
            );
        return there.Hash == wanted.Hash
            ? null
            : new($"holds a run of another network of the name {there.Network}", AnotherRun);
    }

    private static IEnumerable<string> Fields(Recipe there, Recipe wanted)
    {
        static JsonObject Json(Recipe recipe) =>
            JsonSerializer.SerializeToNode(recipe, RunJson.Style)!.AsObject();
        var now = Json(wanted);
        return from field in Json(there)
            where !JsonNode.DeepEquals(field.Value, now[field.Key])
            select $"{field.Key} {Text(field.Value)}, not {Text(now[field.Key])}";
    }

    private static string Text(JsonNode? value) => value?.ToJsonString() ?? "null";
}
