using System.Text.Json;
using System.Text.Json.Serialization;
using KneeSeg.Data.Datasets;
using KneeSeg.Imaging;

namespace KneeSeg.Inference.LabelRules;

/// <summary>
/// Post-processing rules from prior knowledge: each structure on its side of the joint; one component per structure, no
/// tiny components, no holes. Volumes are in mm³, so that rules are independent of spacing.
/// </summary>
/// <param name="Rules">By label; labels without one are left as they are.</param>
public sealed record Postprocessing(IReadOnlyList<LabelRule> Rules)
{
    /// <summary>The file in a run folder that <c>postprocess</c> writes and <c>predict</c> reads.</summary>
    public const string FileName = "postprocessing.json";

    private static readonly JsonSerializerOptions Style = new(JsonStyle.Indented)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>Whether medial and lateral structures get the label of their side first; see <see cref="AnatomyRule"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Anatomy { get; init; }

    /// <summary>The anatomical rule alone.</summary>
    public static Postprocessing AnatomyAlone { get; } = new([]) { Anatomy = true };

    /// <summary>No post-processing.</summary>
    public static Postprocessing None { get; } = new([]);

    /// <summary>The text stored with predictions; empty if it changes nothing.</summary>
    public string Word =>
        string.Join(
            "; ",
            Rules
                .Where(rule => !rule.IsIdle)
                .Select(rule => JsonSerializer.Serialize(rule, JsonSerializerOptions.Web))
                .Prepend(Anatomy ? "anatomy" : null)
                .OfType<string>()
        );

    /// <summary>Reads a file of rules.</summary>
    /// <param name="path">A file written by <see cref="Save" />.</param>
    /// <param name="profile">The label map.</param>
    /// <exception cref="ProblemException">It is missing, invalid, or names unknown labels (exit 3).</exception>
    public static Postprocessing Load(string path, LabelSchema profile)
    {
        try
        {
            return Parse(File.ReadAllText(path), path, profile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
    }

    /// <summary>Reads the text of a file of rules.</summary>
    /// <param name="text">The text.</param>
    /// <param name="path">The file that it is from.</param>
    /// <param name="profile">The label map.</param>
    /// <exception cref="ProblemException">It is invalid, or names unknown labels (exit 3).</exception>
    internal static Postprocessing Parse(string text, string path, LabelSchema profile)
    {
        try
        {
            var rules =
                JsonSerializer.Deserialize<Postprocessing>(text, Style)
                ?? throw new JsonException("it is null");
            return
                rules.Rules.FirstOrDefault(rule => !profile.Labels.Skip(1).Contains(rule.Label))
                    is { } unknown
                ? throw new ProblemException(
                    ExitCode.Data,
                    path,
                    $"{unknown.Label} is not a structure of {profile.Name}",
                    $"Use {string.Join(", ", profile.Labels.Skip(1))}"
                )
                : rules;
        }
        catch (JsonException e)
        {
            throw Unreadable(path, e);
        }
    }

    private static ProblemException Unreadable(string path, Exception e) =>
        new(
            ExitCode.Data,
            path,
            $"can't be read as post-processing rules ({e.Message.TrimEnd('.')})",
            "Write {\"rules\": [{\"label\": \"patellar cartilage\", \"largest\": true}]}",
            e
        );

    /// <summary>Writes the rules.</summary>
    /// <exception cref="ProblemException">The file can't be written (exit 6).</exception>
    public void Save(string path) =>
        AtomicFile.WriteText(path, JsonSerializer.Serialize(this, Style) + "\n");

    /// <summary>Applies the rules to labels, in place.</summary>
    /// <param name="volume">The labels.</param>
    /// <param name="profile">The label map.</param>
    /// <param name="side">Which knee it is, where that is known.</param>
    /// <returns>All changes.</returns>
    public IReadOnlyList<LabelChange> Apply(
        Volume<byte> volume,
        LabelSchema profile,
        KneeSide side = KneeSide.Unknown
    )
    {
        List<LabelChange> changes = [];
        if (Anatomy)
            changes.AddRange(AnatomyRule.Apply(volume, profile, side));
        foreach (var rule in Rules.Where(rule => !rule.IsIdle))
        {
            var label = (byte)profile.Labels.ToList().IndexOf(rule.Label);
            LabelRegion.Apply(volume, label, rule, changes);
        }
        return changes;
    }
}
