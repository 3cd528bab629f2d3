namespace KneeSeg.Experiments.Slurm;

/// <summary>The log of a task: what the program printed, and what Slurm added.</summary>
internal static class SlurmLog
{
    private const string Mark = "error: ";

    // What the job script prints first.
    private const string Start = " starts, restarts so far: ";

    // Enough for the end of the last start.
    private const int Tail = 16384;

    /// <summary>The last error since the task started last; null if there is none.</summary>
    public static string? LastError(string path)
    {
        using var file = new FileStream(
            path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete
        );
        file.Seek(-Math.Min(Tail, file.Length), SeekOrigin.End);
        using var reader = new StreamReader(file);
        return
            reader
                .ReadToEnd()
                .Split('\n')
                .Reverse()
                .TakeWhile(line => !line.Contains(Start, StringComparison.Ordinal))
                .FirstOrDefault(line => line.Contains(Mark, StringComparison.Ordinal))
                is { } line
            ? line[(line.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..]
                .Trim('*', ' ', '\r')
            : null;
    }
}
