using System.Text.Json;
using KneeSeg.Data;

namespace KneeSeg.Inference;

/// <summary>
/// A folder with predictions, <c>ID.nii.gz</c> each, and <c>predictions.json</c>, which says what the labels mean, what
/// made each of them, and what post-processing did.
/// </summary>
public sealed class PredictionFolder
{
    private const string IndexName = "predictions.json";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private readonly string folder;
    private readonly Index index;

    private PredictionFolder(string folder, Index index) =>
        (this.folder, this.index) = (folder, index);

    /// <summary>Opens a folder, or makes it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="profile">What labels mean in it.</param>
    /// <exception cref="ProblemException">
    /// Its predictions have other labels (exit 5), or it can't be written (exit 6).
    /// </exception>
    public static PredictionFolder Open(string folder, LabelProfile profile)
    {
        var path = Path.Combine(folder, IndexName);
        var index = Read(path) ?? new(Index.Current, profile.Name, profile.Labels, []);
        if (!index.Labels.SequenceEqual(profile.Labels))
            throw new ProblemException(
                ExitCode.Checkpoint,
                folder,
                $"holds predictions with the labels of {index.Profile}, not of {profile.Name}",
                "Choose another --out"
            );
        var opened = new PredictionFolder(folder, index);
        // At once: a place that can't be written is better known before an hour's work.
        opened.WriteIndex();
        return opened;
    }

    /// <summary>What labels mean in a folder; null where it does not say.</summary>
    public static LabelProfile? ProfileOf(string folder) =>
        Read(Path.Combine(folder, IndexName)) is { } index
            ? new(index.Profile, index.Labels)
            : null;

    /// <summary>Whether it says that a case's prediction is there from the same source.</summary>
    internal bool Lists(string id, PredictionSource source) =>
        index.Cases.GetValueOrDefault(id)?.Source == source;

    /// <summary>Notes a case whose files are written.</summary>
    /// <exception cref="ProblemException">The folder can't be written (exit 6).</exception>
    internal void Note(string id, PredictedCase one)
    {
        index.Cases[id] = one;
        WriteIndex();
    }

    private void WriteIndex() =>
        AtomicFile.WriteText(
            Path.Combine(folder, IndexName),
            JsonSerializer.Serialize(index, Options)
        );

    // An index that can't be read is as good as none: its predictions are made again.
    private static Index? Read(string path)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            return
                JsonSerializer.Deserialize<Index>(File.ReadAllText(path), Options)
                    is { Format: Index.Current } index
                ? index
                : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private sealed record Index(
        int Format,
        string Profile,
        IReadOnlyList<string> Labels,
        SortedDictionary<string, PredictedCase> Cases
    )
    {
        public const int Current = 2;
    }
}
