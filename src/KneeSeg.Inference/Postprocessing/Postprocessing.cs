using System.Text.Json;
using KneeSeg.Data;
using KneeSeg.Imaging;

namespace KneeSeg.Inference;

/// <summary>
/// What is known about tissues and no network is told: that there is one of each, that none is tiny or has holes.
/// Volumes are in mm³, so that rules hold for every spacing.
/// </summary>
/// <param name="Rules">By label; labels without one are left as they are.</param>
public sealed record Postprocessing(IReadOnlyList<LabelRule> Rules)
{
    /// <summary>The file in a run folder that <c>postprocess</c> writes and predicting reads.</summary>
    public const string FileName = "postprocessing.json";

    private static readonly JsonSerializerOptions Style = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>Leaves everything as it is.</summary>
    public static Postprocessing None { get; } = new([]);

    /// <summary>As it is kept beside predictions; empty where it changes nothing.</summary>
    public string Word =>
        string.Join(
            "; ",
            Rules
                .Where(rule => !rule.IsIdle)
                .Select(rule => JsonSerializer.Serialize(rule, JsonSerializerOptions.Web))
        );

    /// <summary>Reads a file of rules.</summary>
    /// <param name="path">What <see cref="Save" /> wrote.</param>
    /// <param name="profile">Whose labels they must be.</param>
    /// <exception cref="ProblemException">It is missing, something else, or names other labels (exit 3).</exception>
    public static Postprocessing Load(string path, LabelSchema profile)
    {
        try
        {
            var rules =
                JsonSerializer.Deserialize<Postprocessing>(File.ReadAllText(path), Style)
                ?? throw new JsonException("it is null");
            return
                rules.Rules.FirstOrDefault(rule => !profile.Labels.Skip(1).Contains(rule.Label))
                    is { } stranger
                ? throw new ProblemException(
                    ExitCode.Data,
                    path,
                    $"{stranger.Label} is no tissue of {profile.Name}",
                    $"Use {string.Join(", ", profile.Labels.Skip(1))}"
                )
                : rules;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(
                ExitCode.Data,
                path,
                $"can't be read as rules of post-processing ({e.Message.TrimEnd('.')})",
                "Write {\"rules\": [{\"label\": \"patellar cartilage\", \"largest\": true}]}",
                e
            );
        }
    }

    /// <summary>Writes the rules.</summary>
    /// <exception cref="ProblemException">The place can't be written (exit 6).</exception>
    public void Save(string path) =>
        AtomicFile.WriteText(path, JsonSerializer.Serialize(this, Style) + "\n");

    /// <summary>Applies the rules to labels, in place.</summary>
    /// <param name="volume">The labels.</param>
    /// <param name="profile">What they mean.</param>
    /// <returns>Everything that was done.</returns>
    public IReadOnlyList<LabelChange> Apply(Volume<byte> volume, LabelSchema profile)
    {
        List<LabelChange> changes = [];
        foreach (var rule in Rules.Where(rule => !rule.IsIdle))
        {
            var label = (byte)profile.Labels.ToList().IndexOf(rule.Label);
            LabelRegion.Apply(volume, label, rule, changes);
        }
        return changes;
    }
}
