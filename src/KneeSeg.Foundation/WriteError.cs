namespace KneeSeg;

/// <summary>Errors of the system while writing, as problems that the user can fix.</summary>
public static class WriteError
{
    // ENOSPC.
    private const int NoSpace = 28;

    /// <summary>Whether an exception means that a file or folder can't be written.</summary>
    public static bool Matches(Exception e) => e is IOException or UnauthorizedAccessException;

    /// <summary>The problem (exit 6). A full disk has its own message.</summary>
    /// <param name="where">The file or folder.</param>
    /// <param name="e">The exception.</param>
    /// <param name="fix">What to do, unless the disk is full.</param>
    public static ProblemException Problem(string where, Exception e, string fix) =>
        e.HResult == NoSpace
            ? new(
                ExitCode.Resources,
                where,
                "can't be written: the disk is full",
                "Free some disk space and rerun the same command; existing files are intact",
                e
            )
            : new(
                ExitCode.Resources,
                where,
                $"can't be written ({e.Message.TrimEnd('.')})",
                fix,
                e
            );
}
