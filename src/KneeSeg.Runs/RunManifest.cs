using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace KneeSeg.Runs;

/// <summary>What is run on what: <c>run.json</c>, written when training starts and also kept in every checkpoint.</summary>
/// <param name="Format">Of this record: <see cref="CurrentFormat"/>.</param>
/// <param name="Network">The name with variants.</param>
/// <param name="Hash">Names the architecture.</param>
/// <param name="Spec">The network's canonical JSON.</param>
/// <param name="Recipe">How it is trained.</param>
/// <param name="Patch">The patch in voxels: depth, height, width; depth is 1 for a 2D network.</param>
/// <param name="Preprocessing">What is done to each image first, as KneeSeg.Data writes it.</param>
/// <param name="Profile">The label profile's name.</param>
/// <param name="Labels">Names in label order, background first.</param>
/// <param name="Data">The dataset's name.</param>
/// <param name="Fingerprint">Of the dataset's description: another one gives another hash.</param>
/// <param name="Cases">Case ids by split.</param>
/// <param name="Version">Of KneeSeg.</param>
public sealed record RunManifest(
    int Format,
    string Network,
    string Hash,
    JsonNode Spec,
    Recipe Recipe,
    IReadOnlyList<int> Patch,
    JsonNode Preprocessing,
    string Profile,
    IReadOnlyList<string> Labels,
    string Data,
    string Fingerprint,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Cases,
    string Version
)
{
    /// <summary>The format that this version writes and reads.</summary>
    public const int CurrentFormat = 2;

    /// <summary>Whose weights it began with: network, step and hash; empty for fresh ones.</summary>
    public string From { get; init; } = "";

    /// <summary>How images may be mirrored, as KneeSeg.Data writes it; null in runs of versions that did not say.</summary>
    public JsonNode? Mirror { get; init; }

    /// <summary>What the training images are like, as KneeSeg.Data writes it; null in runs of versions that did not say.</summary>
    public JsonNode? Images { get; init; }

    /// <summary>By case id, for training and validation, what was trained on; null in runs of versions that did not say.</summary>
    public IReadOnlyDictionary<string, CaseHashes>? Contents { get; init; }

    /// <summary>
    /// The value by which the dataset's files marked voxels that are not annotated; null where all were. It is none of
    /// <see cref="Labels"/>.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? IgnoreValue { get; init; }

    /// <summary>The network's output channels: one a label, or one alone that tells tissue from background.</summary>
    [JsonIgnore]
    public int Classes => Recipe.Binary ? 1 : Labels.Count;

    /// <summary>The version of this program.</summary>
    public static string ThisVersion { get; } =
        typeof(RunManifest).Assembly.GetName().Version?.ToString(3) ?? "";

    /// <summary>As JSON, the same text for the same run.</summary>
    public string Write() => JsonSerializer.Serialize(this, RunJson.Style);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <param name="where">The file it is from.</param>
    /// <exception cref="ProblemException">It is from another version or no run's description (exit 5).</exception>
    public static RunManifest Read(string json, string where)
    {
        try
        {
            if (
                JsonSerializer.Deserialize<RunManifest>(json, RunJson.Style) is
                { Format: CurrentFormat } run
            )
                return run;
            throw new JsonException("it has another format number");
        }
        catch (JsonException e)
        {
            throw new ProblemException(
                ExitCode.Checkpoint,
                where,
                $"describes no run that this version knows ({e.Message.TrimEnd('.')})",
                $"Use the version of KneeSeg that made it, or train again with this one ({ThisVersion})",
                e
            );
        }
    }
}
