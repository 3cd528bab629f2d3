using System.Text.Json;
using System.Text.Json.Serialization;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Validation;
using KneeSeg.Imaging;
using KneeSeg.Inference.LabelRules;

namespace KneeSeg.Inference.Files;

/// <summary>
/// A folder of predictions, <c>ID.nii.gz</c>, and <c>predictions.json</c> with the label map and, for each case, its image,
/// how it was predicted, and the changes by post-processing. Several processes may predict into one folder: the file is
/// reread and replaced under a lock.
/// </summary>
public sealed class PredictionFolder
{
    private const string IndexName = "predictions.json";
    private const string LockName = ".predictions.lock";

    // The lock is held only while the index is written.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private PredictionFolder(string root, LabelSchema profile) => (Root, Profile) = (root, profile);

    /// <summary>The folder.</summary>
    internal string Root { get; }

    /// <summary>Its label map.</summary>
    internal LabelSchema Profile { get; }

    /// <summary>Opens or creates a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="profile">Its label map.</param>
    /// <exception cref="ProblemException">
    /// Its predictions have other labels, or its index can't be read (exit 5), or it can't be written (exit 6).
    /// </exception>
    public static PredictionFolder Open(string folder, LabelSchema profile)
    {
        var opened = new PredictionFolder(folder, profile);
        // Fails early if the folder can't be written.
        opened.Change(_ => { });
        return opened;
    }

    /// <summary>A folder to read only; it need not exist.</summary>
    internal static PredictionFolder Look(string folder, LabelSchema profile) =>
        new(folder, profile);

    /// <summary>The label map of a folder; null if unknown.</summary>
    public static LabelSchema? ProfileOf(string folder)
    {
        try
        {
            return Read(folder) is { } index ? new(index.Profile, index.Labels) : null;
        }
        catch (ProblemException)
        {
            return null;
        }
    }

    /// <summary>The flags of predictions, the worst first; none for files that no folder knows.</summary>
    /// <param name="predictions">Label files, by case.</param>
    public static IReadOnlyList<FlaggedCase> Flagged(
        IEnumerable<(string Id, string File)> predictions
    ) =>
        FlaggedCase.WorstFirst(
            from one in predictions
            group one by Path.GetDirectoryName(one.File)! into all
            let cases = Read(all.Key)?.Cases.Values.ToLookup(noted => noted.File)
            where cases is not null
            from one in all
            from noted in cases[Path.GetFileName(one.File)]
            select new FlaggedCase(one.Id, noted.Flags ?? [])
        );

    /// <summary>The label files of finished cases, by id.</summary>
    /// <exception cref="ProblemException">The index can't be read (exit 5).</exception>
    public static IReadOnlyDictionary<string, string> LabelFiles(string folder) =>
        (Read(folder)?.Cases ?? [])
            .Where(one => one.Value.Complete)
            .ToDictionary(one => one.Key, one => Path.Combine(folder, one.Value.File));

    /// <summary>The current records of all cases, by id.</summary>
    internal IReadOnlyDictionary<string, PredictedCase> Cases() => Read(Root)?.Cases ?? [];

    /// <summary>Updates the record of a case.</summary>
    /// <param name="id">The case.</param>
    /// <param name="note">Maps the current record, or null, to the new one; may throw to refuse.</param>
    /// <returns>The new record.</returns>
    /// <exception cref="ProblemException">The folder can't be written (exit 6), or what <paramref name="note" /> throws.</exception>
    internal PredictedCase Note(string id, Func<PredictedCase?, PredictedCase> note)
    {
        PredictedCase? noted = null;
        Change(cases => cases[id] = noted = note(cases.GetValueOrDefault(id)));
        return noted!;
    }

    private void Change(Action<SortedDictionary<string, PredictedCase>> change)
    {
        using var held = Lock();
        var index = Read(Root) ?? new(Index.Current, Profile.Name, Profile.Labels, []);
        if (!index.Labels.SequenceEqual(Profile.Labels))
            throw new ProblemException(
                ExitCode.Checkpoint,
                Root,
                $"holds predictions with the labels of {index.Profile}, not of {Profile.Name}",
                "Choose another --out"
            );
        change(index.Cases);
        AtomicFile.WriteText(
            Path.Combine(Root, IndexName),
            JsonSerializer.Serialize(index, JsonStyle.Indented)
        );
    }

    private FileStream Lock()
    {
        try
        {
            Directory.CreateDirectory(Root);
            return FileLock.Take(Path.Combine(Root, LockName), Patience);
        }
        catch (Exception e) when (WriteError.Matches(e))
        {
            throw WriteError.Problem(Root, e, "Choose a writable --out with enough free space");
        }
    }

    private static Index? Read(string folder)
    {
        var path = Path.Combine(folder, IndexName);
        if (!File.Exists(path))
            return null;
        try
        {
            return
                JsonSerializer.Deserialize<Index>(File.ReadAllText(path), JsonStyle.Indented)
                    is { Format: Index.Current } index
                ? index
                : throw new JsonException();
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(
                ExitCode.Checkpoint,
                path,
                $"{Fault(e)}, so the images of the predictions beside it are unknown",
                "Choose another --out, or delete it and the predictions beside it and predict again",
                e
            );
        }
    }

    private static string Fault(Exception e) =>
        e is JsonException
            ? "is damaged or of another version"
            : $"can't be read ({e.Message.TrimEnd('.')})";

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

/// <summary>The record of a case in <c>predictions.json</c>.</summary>
/// <param name="Source">How it was predicted.</param>
/// <param name="File">The labels' file in the folder.</param>
/// <param name="Changes">Changes by post-processing.</param>
internal sealed record PredictedCase(
    PredictionSource Source,
    string File,
    IReadOnlyList<LabelChange> Changes
)
{
    /// <summary>The predicted image; null in folders of older versions.</summary>
    public InputImage? Image { get; init; }

    /// <summary>All files of this case, including the labels.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>The ROI margin in mm; null without an ROI.</summary>
    public double? RoiMargin { get; init; }

    /// <summary>Warnings about the image or its labels, one sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Reasons to look at the image or its labels; null if there are none, or in folders of older versions.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<QualityFlag>? Flags { get; init; }

    /// <summary>False while files are being written; if interrupted, the case is predicted again.</summary>
    public bool Complete { get; init; } = true;
}

/// <summary>How a prediction was made. Equal sources give equal predictions of an image.</summary>
/// <param name="Network">The network's name; those of an ensemble with commas between.</param>
/// <param name="Checkpoint">SHA-256 of the checkpoint's file; of an ensemble, of its members' together.</param>
/// <param name="Precision">The precision: fp32 or bf16.</param>
/// <param name="Mode"><see cref="PredictionMode.Word" />.</param>
/// <param name="Postprocessing"><see cref="Inference.LabelRules.Postprocessing.Word" />; empty for none.</param>
public sealed record PredictionSource(
    string Network,
    string Checkpoint,
    string Precision,
    string Mode = "windows",
    string Postprocessing = ""
);

/// <summary>Which image a prediction was made from.</summary>
/// <param name="Path">Its full path.</param>
/// <param name="Hash">Hash of its voxels and grid, from <see cref="VolumeHash" />.</param>
internal sealed record InputImage(string Path, string Hash)
{
    /// <summary>An image that was read.</summary>
    public static InputImage Of(PredictionInput input, IReadOnlyList<Volume<float>> channels) =>
        new(input.FullPath, VolumeHash.Of(channels));
}
