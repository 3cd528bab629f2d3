using System.Text.Json;
using KneeSeg.Data;
using KneeSeg.Imaging;

namespace KneeSeg.Inference;

/// <summary>
/// A folder with predictions, <c>ID.nii.gz</c> each, and <c>predictions.json</c>, which says what the labels mean and
/// what made each of them.
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
        var index = Read(path) ?? new(1, profile.Name, profile.Labels, []);
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

    /// <summary>Where a case's prediction is.</summary>
    public string FileOf(string id) => Path.Combine(folder, $"{id}.nii.gz");

    /// <summary>Whether a case's prediction is there from the same source, whole, and on this grid.</summary>
    public bool Has(string id, PredictionSource source, Grid grid)
    {
        if (index.Cases.GetValueOrDefault(id) != source || !File.Exists(FileOf(id)))
            return false;
        try
        {
            return VolumeFile.ReadLabels(FileOf(id)).Grid.SameAs(grid);
        }
        catch (ProblemException torn) when (torn.Exit == ExitCode.Data)
        {
            return false;
        }
    }

    /// <summary>Writes a case's prediction.</summary>
    /// <exception cref="ProblemException">The folder can't be written (exit 6).</exception>
    public void Write(string id, PredictionSource source, Volume<byte> labels)
    {
        NiftiWriter.Write(FileOf(id), labels);
        index.Cases[id] = source;
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
                    is { Format: 1 } index
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
        SortedDictionary<string, PredictionSource> Cases
    );
}
