using System.Text.Json;
using System.Text.Json.Serialization;
using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Data.Validation;
using KneeSeg.Dsl;
using KneeSeg.Imaging;

namespace KneeSeg.Runs;

/// <summary>A run's network, recipe and dataset: <c>run.json</c>, written when training starts and kept in every checkpoint.</summary>
/// <param name="Format">The file format: <see cref="CurrentFormat"/>.</param>
/// <param name="Network">The network's name with variants.</param>
/// <param name="Hash">Hash of the architecture.</param>
/// <param name="Spec">The network.</param>
/// <param name="Recipe">The training recipe.</param>
/// <param name="Patch">The patch size; its depth is 1 for a 2D network.</param>
/// <param name="Preprocessing">Image preprocessing.</param>
/// <param name="Profile">The name of the label map.</param>
/// <param name="Labels">Names in label order, background first.</param>
/// <param name="Data">The dataset's name.</param>
/// <param name="Fingerprint">A hash of the dataset.</param>
/// <param name="Cases">Case ids by split.</param>
/// <param name="Version">The version of KneeSeg.</param>
public sealed record RunManifest(
    int Format,
    string Network,
    string Hash,
    NetworkSpec Spec,
    Recipe Recipe,
    ModelSize Patch,
    Preprocessor Preprocessing,
    string Profile,
    IReadOnlyList<string> Labels,
    string Data,
    string Fingerprint,
    IReadOnlyDictionary<Split, IReadOnlyList<string>> Cases,
    string Version
)
{
    /// <summary>The format that this version writes and reads.</summary>
    public const int CurrentFormat = 2;

    /// <summary>The checkpoint it was initialized from: network, step and hash; empty for random initialization.</summary>
    public string From { get; init; } = "";

    /// <summary>Flip augmentation of the dataset; null in runs of older versions.</summary>
    public FlipAugmentation? Mirror { get; init; }

    /// <summary>Statistics of the training images; null in runs of older versions.</summary>
    public TrainingImageStatistics? Images { get; init; }

    /// <summary>The structures of the training cases; null in runs of older versions and where none is wholly annotated.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<StructureStatistics>? Structures { get; init; }

    /// <summary>
    /// The temperature that calibrates the probabilities of these weights on the validation cases (Guo et al. 2017); only in the
    /// best checkpoint, null in those of older versions.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Temperature { get; init; }

    /// <summary>Content hashes of the training and validation cases by case id; null in runs of older versions.</summary>
    public IReadOnlyDictionary<string, CaseHashes>? Contents { get; init; }

    /// <summary>
    /// The ignore label: the value of unannotated voxels in the dataset's files, or null. It is not one of
    /// <see cref="Labels"/>.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public byte? IgnoreValue { get; init; }

    /// <summary>
    /// The names of the images' channels, in the order in which the network takes them; null for one without a name.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Channels { get; init; }

    /// <summary>What is averaged where windows overlap.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public WindowAverage Averaged { get; init; }

    /// <summary>The network's input channels: of each image channel, all neighboring slices.</summary>
    [JsonIgnore]
    public int InputChannels => Math.Max(1, Channels?.Count ?? 0) * Recipe.Slices;

    /// <summary>
    /// What the labels of each source of the data mean among <see cref="Labels"/>; null where all cases share the label map.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<LabelSource>? Sources { get; init; }

    /// <summary>The label map.</summary>
    [JsonIgnore]
    public LabelSchema Schema => new(Profile, Labels) { Ignore = IgnoreValue };

    /// <summary>The network's output channels: one per label, or a single foreground channel.</summary>
    [JsonIgnore]
    public int Classes => Recipe.Binary ? 1 : Labels.Count;

    /// <summary>The network as a graph.</summary>
    /// <param name="where">The file that this manifest is from.</param>
    /// <exception cref="ProblemException">This version can't build it (exit 5).</exception>
    public Graph Elaborate(string where)
    {
        try
        {
            return Networks.Elaborate(Spec, InputChannels, Classes);
        }
        catch (SpecException e)
        {
            throw new ProblemException(
                ExitCode.Checkpoint,
                where,
                $"its network can't be built by this version ({e.Where}: {e.What})",
                $"Use the version of KneeSeg that wrote it ({Version})",
                e
            );
        }
    }

    /// <summary>The version of this program.</summary>
    public static string ThisVersion { get; } =
        typeof(RunManifest).Assembly.GetName().Version?.ToString(3) ?? "";

    /// <summary>As JSON, the same text for the same run.</summary>
    public string Write() => JsonSerializer.Serialize(this, RunJson.Style);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <param name="where">The file it is from.</param>
    /// <exception cref="ProblemException">It is invalid or from another version (exit 5).</exception>
    public static RunManifest Read(string json, string where)
    {
        try
        {
            if (
                JsonSerializer.Deserialize<RunManifest>(json, RunJson.Style) is
                { Format: CurrentFormat } run
            )
                return run;
            throw new JsonException("unsupported format number");
        }
        catch (JsonException e)
        {
            throw new ProblemException(
                ExitCode.Checkpoint,
                where,
                $"can't be read by this version of KneeSeg ({e.Message.TrimEnd('.')})",
                $"Use the version of KneeSeg that wrote it, or train again with this one ({ThisVersion})",
                e
            );
        }
    }
}

/// <summary>Hashes of a case's preprocessed volumes when a run began: the first 8 bytes of their SHA-256, in hexadecimal.</summary>
/// <param name="Image">Of the image.</param>
/// <param name="Labels">Of the labels.</param>
public sealed record CaseHashes(string Image, string Labels)
{
    private const int Bytes = 8;

    /// <summary>Of whole hashes.</summary>
    public static CaseHashes Of(byte[] image, byte[] labels) =>
        new(
            Convert.ToHexStringLower(image.AsSpan(0, Bytes)),
            Convert.ToHexStringLower(labels.AsSpan(0, Bytes))
        );
}
