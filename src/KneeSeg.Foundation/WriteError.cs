namespace KneeSeg;

/// <summary>A place that can't be written: what the system said, as a problem of the user's.</summary>
public static class WriteError
{
    // ENOSPC.
    private const int NoSpace = 28;

    /// <summary>Whether an exception says that a place can't be written.</summary>
    public static bool Says(Exception e) => e is IOException or UnauthorizedAccessException;

    /// <summary>The problem (exit 6). A full disk is told apart, since it needs no other place.</summary>
    /// <param name="where">The file or folder.</param>
    /// <param name="e">What was thrown.</param>
    /// <param name="fix">What to do, unless the disk is full.</param>
    public static ProblemException Problem(string where, Exception e, string fix) =>
        e.HResult == NoSpace
            ? new(
                ExitCode.Resources,
                where,
                "can't be written: the disk is full",
                "Make space there, then give the same command again; what was there before is whole",
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
