namespace KneeSeg;

/// <summary>A command's exit code, by which scripts distinguish kinds of failure.</summary>
public enum ExitCode
{
    /// <summary>Success.</summary>
    Done = 0,

    /// <summary>An internal error.</summary>
    Fault = 1,

    /// <summary>An unknown command, flag, network, variant or recipe.</summary>
    Usage = 2,

    /// <summary>Missing, unreadable or contradictory input data.</summary>
    Data = 3,

    /// <summary>A network spec that can't be built, or a patch size that doesn't fit it.</summary>
    Spec = 4,

    /// <summary>A checkpoint that is corrupt, or belongs to another network or other labels.</summary>
    Checkpoint = 5,

    /// <summary>No memory, disk space, write access or device; a run folder in use.</summary>
    Resources = 6,

    /// <summary>A loss or gradient that is not finite.</summary>
    Numerics = 7,
}

/// <summary>An error that the user must fix: what is wrong, where, and what to do about it.</summary>
/// <param name="exit">The kind of failure.</param>
/// <param name="where">The file, case, field or flag concerned.</param>
/// <param name="what">What is wrong, without a full stop.</param>
/// <param name="fix">What to do, without a full stop.</param>
/// <param name="cause">The exception behind it, if any.</param>
public sealed class ProblemException(
    ExitCode exit,
    string where,
    string what,
    string fix,
    Exception? cause = null
) : Exception($"{where}: {what}. {fix}.", cause)
{
    /// <summary>The kind of failure.</summary>
    public ExitCode Exit { get; } = exit;

    /// <summary>The file, case, field or flag concerned.</summary>
    public string Where { get; } = where;

    /// <summary>What is wrong.</summary>
    public string What { get; } = what;

    /// <summary>What to do.</summary>
    public string Fix { get; } = fix;
}

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
