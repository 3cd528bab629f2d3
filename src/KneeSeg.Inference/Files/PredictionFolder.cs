using System.Text.Json;
using KneeSeg.Data.Datasets;

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

    private readonly string folder;
    private readonly LabelSchema profile;

    private PredictionFolder(string folder, LabelSchema profile) =>
        (this.folder, this.profile) = (folder, profile);

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

    /// <summary>The current records of all cases, by id.</summary>
    internal IReadOnlyDictionary<string, PredictedCase> Cases() => Read(folder)?.Cases ?? [];

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
        var index = Read(folder) ?? new(Index.Current, profile.Name, profile.Labels, []);
        if (!index.Labels.SequenceEqual(profile.Labels))
            throw new ProblemException(
                ExitCode.Checkpoint,
                folder,
                $"holds predictions with the labels of {index.Profile}, not of {profile.Name}",
                "Choose another --out"
            );
        change(index.Cases);
        AtomicFile.WriteText(
            Path.Combine(folder, IndexName),
            JsonSerializer.Serialize(index, JsonStyle.Indented)
        );
    }

    private FileStream Lock()
    {
        try
        {
            Directory.CreateDirectory(folder);
            return FileLock.Take(Path.Combine(folder, LockName), Patience);
        }
        catch (Exception e) when (WriteError.Matches(e))
        {
            throw WriteError.Problem(folder, e, "Choose a writable --out with enough free space");
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
