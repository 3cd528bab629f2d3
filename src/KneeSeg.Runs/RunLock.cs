using System.Globalization;

namespace KneeSeg.Runs;

/// <summary>
/// Keeps other processes from training in a folder until disposed. The system releases the lock when the process ends, so a
/// killed run leaves none behind; a note beside it names the owner.
/// </summary>
public sealed class RunLock : IDisposable
{
    /// <summary>
    /// The variable with the seconds to wait for a lock: a file server keeps those of a machine that died for a while.
    /// </summary>
    public const string WaitVariable = "KNEESEG_LOCK_WAIT";

    // IsHeld takes the lock for an instant.
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(100);

    private readonly FileStream file;
    private readonly string note;

    private RunLock(FileStream file, string note, string? left)
    {
        (this.file, this.note, Left) = (file, note, left);
        File.WriteAllText(note, Owner());
    }

    private static TimeSpan Patience =>
        int.TryParse(
            Environment.GetEnvironmentVariable(WaitVariable),
            CultureInfo.InvariantCulture,
            out var seconds
        )
        && seconds > 0
            ? TimeSpan.FromSeconds(seconds)
            : Least;

    /// <summary>The previous owner, if that process ended without releasing the lock; else null.</summary>
    public string? Left { get; }

    /// <summary>Takes the lock of a folder, which need not exist yet.</summary>
    /// <exception cref="ProblemException">The folder is in use or can't be written (exit 6).</exception>
    public static RunLock Take(string folder)
    {
        var note = Path.Combine(folder, ".owner");
        try
        {
            Directory.CreateDirectory(folder);
            return new RunLock(
                FileLock.Take(Path.Combine(folder, ".lock"), Patience),
                note,
                Read(note)
            );
        }
        catch (IOException e) when (FileLock.IsHeld(e))
        {
            throw new ProblemException(
                ExitCode.Resources,
                folder,
                $"is in use by {Read(note) ?? "another process"}",
                "Wait until it ends, or choose another --run",
                e
            );
        }
        catch (Exception e) when (WriteError.Matches(e))
        {
            throw WriteError.Problem(folder, e, "Choose a writable --run with enough free space");
        }
    }

    /// <summary>Whether a process is training in a folder.</summary>
    public static bool IsHeld(string folder)
    {
        var path = Path.Combine(folder, ".lock");
        if (!File.Exists(path))
            return false;
        // NFS locks only what is open for writing.
        return IsHeld(path, FileAccess.ReadWrite) ?? IsHeld(path, FileAccess.Read) ?? false;
    }

    // Null where the file can't be opened so.
    private static bool? IsHeld(string path, FileAccess access)
    {
        try
        {
            using var _ = new FileStream(path, FileMode.Open, access, FileShare.None);
            return false;
        }
        catch (Exception e) when (WriteError.Matches(e))
        {
            return FileLock.IsHeld(e) ? true : null;
        }
    }

    /// <summary>Whether a problem of <see cref="Take"/> means that another process holds the lock.</summary>
    public static bool IsInUse(ProblemException e) => FileLock.IsHeld(e.InnerException);

    /// <inheritdoc/>
    public void Dispose()
    {
        File.Delete(note);
        file.Dispose();
    }

    private static string Owner() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"process {Environment.ProcessId} on {Environment.MachineName} since {DateTime.Now:yyyy-MM-dd HH:mm:ss}"
        );

    private static string? Read(string note) => File.Exists(note) ? File.ReadAllText(note) : null;
}
