using System.Text.Json;
using System.Text.Json.Nodes;
using KneeSeg.Dsl;
using KneeSeg.Evaluation;
using KneeSeg.Runs;

namespace KneeSeg.Experiments;

/// <summary>A difference between two runs.</summary>
/// <param name="What">A field of the recipe, or a path in the spec.</param>
/// <param name="First">The first run's value, as JSON; null if it has none.</param>
/// <param name="Second">The second run's value, as JSON; null if it has none.</param>
public sealed record Difference(string What, string? First, string? Second);

/// <summary>Two runs, side by side.</summary>
/// <param name="Networks">Both networks' names.</param>
/// <param name="SameArchitecture">Whether their networks differ in nothing but the name.</param>
/// <param name="Spec">Differences between their specs.</param>
/// <param name="Recipe">Differences between their recipes.</param>
/// <param name="SameData">Whether they were trained on the same preprocessed cases.</param>
/// <param name="Data">Both datasets' names.</param>
/// <param name="Figures">Summaries of both logs.</param>
/// <param name="Results">Compared case by case; null unless both were evaluated.</param>
public sealed record RunComparison(
    IReadOnlyList<string> Networks,
    bool SameArchitecture,
    IReadOnlyList<Difference> Spec,
    IReadOnlyList<Difference> Recipe,
    bool SameData,
    IReadOnlyList<string> Data,
    IReadOnlyList<RunSummary> Figures,
    EvaluationComparison? Results
)
{
    /// <summary>Compares two run folders.</summary>
    /// <exception cref="ProblemException">
    /// One is not a run folder (exit 3), or the evaluations have no cases or labels in common (exit 3 or 5).
    /// </exception>
    public static RunComparison Of(string first, string second)
    {
        var (one, other) = (RunFolder.Open(first), RunFolder.Open(second));
        var (a, b) = (one.Describe(), other.Describe());
        return new(
            [a.Network, b.Network],
            a.Hash == b.Hash,
            [.. Differences("", Json(a.Spec), Json(b.Spec))],
            [.. Differences("", Json(a.Recipe), Json(b.Recipe))],
            a.Fingerprint == b.Fingerprint,
            [a.Data, b.Data],
            [RunSummary.Of(RunLog.Read(one.LogFile)), RunSummary.Of(RunLog.Read(other.LogFile))],
            Evaluation(first) is { } mine && Evaluation(second) is { } theirs
                ? EvaluationComparison.Of(mine, theirs)
                : null
        );
    }

    /// <summary>As JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, JsonStyle.Indented);

    private static JsonNode? Json(NetworkSpec spec) => JsonNode.Parse(spec.Json);

    private static JsonNode? Json(Recipe recipe) => JsonNode.Parse(RecipeText.Write(recipe));

    private static EvaluationSummary? Evaluation(string run) =>
        Path.Combine(run, EvaluationJob.FileName) is var file && File.Exists(file)
            ? EvaluationSummary.Load(file)
            : null;

    // Leaves that differ; lists are compared index by index.
    private static IEnumerable<Difference> Differences(string path, JsonNode? a, JsonNode? b) =>
        (a, b) switch
        {
            _ when JsonNode.DeepEquals(a, b) => [],
            (JsonObject one, JsonObject other) => one.Select(field => field.Key)
                .Union(other.Select(field => field.Key))
                .SelectMany(key =>
                    Differences(path is "" ? key : $"{path}.{key}", one[key], other[key])
                ),
            (JsonArray one, JsonArray other) => Enumerable
                .Range(0, Math.Max(one.Count, other.Count))
                .SelectMany(i =>
                    Differences(
                        $"{path}[{i}]",
                        i < one.Count ? one[i] : null,
                        i < other.Count ? other[i] : null
                    )
                ),
            _ => [new(path, a?.ToJsonString(), b?.ToJsonString())],
        };
}
