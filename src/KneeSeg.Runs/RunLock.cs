using System.Globalization;

namespace KneeSeg.Runs;

/// <summary>
/// Keeps other processes from training in a folder until disposed. The lock is the system's and ends with the process,
/// however that ends, so a killed run leaves none behind; a note beside it says whose it is.
/// </summary>
public sealed class RunLock : IDisposable
{
    // What a sharing violation is: EWOULDBLOCK.
    private const int InUse = 11;
    private const int Tries = 5;

    private readonly FileStream file;
    private readonly string note;

    private RunLock(FileStream file, string note, string? left)
    {
        (this.file, this.note, Left) = (file, note, left);
        File.WriteAllText(note, Owner());
    }

    /// <summary>Whose the lock was, if that process ended without letting go; else null.</summary>
    public string? Left { get; }

    /// <summary>Takes the lock of a folder, which need not exist yet.</summary>
    /// <exception cref="ProblemException">The folder is in use or can't be written (exit 6).</exception>
    public static RunLock Take(string folder)
    {
        var note = Path.Combine(folder, ".owner");
        try
        {
            Directory.CreateDirectory(folder);
            return new RunLock(Open(Path.Combine(folder, ".lock")), note, Read(note));
        }
        catch (IOException e) when (e.HResult == InUse)
        {
            throw new ProblemException(
                ExitCode.Resources,
                folder,
                $"is being trained in by {Read(note) ?? "another process"}",
                "Wait for it to end, or choose another --run",
                e
            );
        }
        catch (Exception e) when (Unwritable.Says(e))
        {
            throw Unwritable.Problem(
                folder,
                e,
                "Choose a --run that you can write to, with enough space"
            );
        }
    }

    // Who asks whether a lock is held has it for an instant, which is no reason to give up.
    private static FileStream Open(string path)
    {
        for (var left = Tries; ; left--)
            try
            {
                return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (e.HResult == InUse && left > 1)
            {
                Thread.Sleep(20);
            }
    }

    /// <summary>Whether a process trains in a folder just now.</summary>
    public static bool IsHeld(string folder)
    {
        var path = Path.Combine(folder, ".lock");
        if (!File.Exists(path))
            return false;
        try
        {
            using var _ = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None);
            return false;
        }
        catch (IOException e)
        {
            return e.HResult == InUse;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Whether a problem of <see cref="Take"/> says that another process has the lock.</summary>
    public static bool IsInUse(ProblemException e) => e.InnerException?.HResult == InUse;

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
