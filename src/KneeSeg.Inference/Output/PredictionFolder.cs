using System.Text.Json;
using KneeSeg.Data;

namespace KneeSeg.Inference;

/// <summary>
/// A folder with predictions, <c>ID.nii.gz</c> each, and <c>predictions.json</c>, which says what the labels mean, and of
/// each case what image it is of, what made it, and what post-processing did. Several processes may predict into one
/// folder: the file is read anew and replaced under a lock.
/// </summary>
public sealed class PredictionFolder
{
    private const string IndexName = "predictions.json";
    private const string LockName = ".predictions.lock";

    // Others have the lock for as long as it takes to write the index.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private readonly string folder;
    private readonly LabelSchema profile;

    private PredictionFolder(string folder, LabelSchema profile) =>
        (this.folder, this.profile) = (folder, profile);

    /// <summary>Opens a folder, or makes it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="profile">What labels mean in it.</param>
    /// <exception cref="ProblemException">
    /// Its predictions have other labels, or its index can't be read (exit 5), or it can't be written (exit 6).
    /// </exception>
    public static PredictionFolder Open(string folder, LabelSchema profile)
    {
        var opened = new PredictionFolder(folder, profile);
        // At once: a place that can't be written is better known before an hour's work.
        opened.Change(_ => { });
        return opened;
    }

    /// <summary>What labels mean in a folder; null where it does not say.</summary>
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

    /// <summary>What it says of all cases now, by id.</summary>
    internal IReadOnlyDictionary<string, PredictedCase> Cases() => Read(folder)?.Cases ?? [];

    /// <summary>Notes what became of a case, given what is noted now.</summary>
    /// <param name="id">The case.</param>
    /// <param name="note">From what is noted, or null, to what shall be; may refuse by throwing.</param>
    /// <returns>What is noted now.</returns>
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
            JsonSerializer.Serialize(index, Options)
        );
    }

    private FileStream Lock()
    {
        try
        {
            Directory.CreateDirectory(folder);
            return FileLock.Take(Path.Combine(folder, LockName), Patience);
        }
        catch (Exception e) when (WriteError.Says(e))
        {
            throw WriteError.Problem(
                folder,
                e,
                "Choose an --out that you can write to, with enough space"
            );
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
                JsonSerializer.Deserialize<Index>(File.ReadAllText(path), Options)
                    is { Format: Index.Current } index
                ? index
                : throw new JsonException();
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(
                ExitCode.Checkpoint,
                path,
                $"{Fault(e)}, so nothing says which images the predictions beside it are of",
                "Choose another --out, or delete it and the predictions beside it to make them again",
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
