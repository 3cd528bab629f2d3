using System.Diagnostics;

namespace KneeSeg;

/// <summary>
/// A lock between processes, held as an open file. The system releases it when the process ends, however that ends, so
/// a killed process leaves none behind.
/// </summary>
public static class FileLock
{
    // What a sharing violation is: ERROR_SHARING_VIOLATION, or the system's EWOULDBLOCK.
    private static readonly int InUse =
        OperatingSystem.IsWindows() ? unchecked((int)0x80070020)
        : OperatingSystem.IsMacOS() ? 35
        : 11;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Takes a lock; disposing the stream releases it. The file itself stays: deleting it would be a race.</summary>
    /// <param name="path">The lock's file, in a folder that exists.</param>
    /// <param name="patience">How long to wait for another process.</param>
    /// <exception cref="IOException">Another process holds it (see <see cref="IsHeld" />), or the file can't be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The file can't be opened.</exception>
    public static FileStream Take(string path, TimeSpan patience)
    {
        var waited = Stopwatch.StartNew();
        while (true)
            try
            {
                return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (IsHeld(e) && waited.Elapsed < patience)
            {
                Thread.Sleep(Pause);
            }
    }

    /// <summary>Whether an exception means that another process holds the lock.</summary>
    public static bool IsHeld(Exception? e) => e is IOException && e.HResult == InUse;
}
