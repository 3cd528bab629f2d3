namespace KneeSeg;

/// <summary>The progress of a long operation.</summary>
/// <param name="What">The operation, such as "preprocessing cases".</param>
/// <param name="Done">Steps done.</param>
/// <param name="Total">All steps; 0 when unknown.</param>
/// <param name="Detail">A short changing detail, such as the loss; may be empty.</param>
public readonly record struct Progress(string What, long Done, long Total, string Detail = "");

/// <summary>Progress over many cases.</summary>
/// <param name="Done">How many are done.</param>
/// <param name="Total">How many there are.</param>
/// <param name="Case">The id of the case that starts.</param>
public readonly record struct CaseProgress(int Done, int Total, string Case);

/// <summary>
/// Receives progress. Calls come often and on the working thread, so an implementation must return at once.
/// </summary>
public interface IProgressSink
{
    /// <summary>Reports the current progress.</summary>
    void Report(Progress progress);

    /// <summary>Prints a line that stays on the screen, such as a finished epoch.</summary>
    void Say(string line);
}

/// <summary>Prints nothing, for tests and quiet calls.</summary>
public sealed class SilentProgress : IProgressSink
{
    /// <summary>The single instance.</summary>
    public static SilentProgress Instance { get; } = new();

    private SilentProgress() { }

    /// <inheritdoc />
    public void Report(Progress progress) { }

    /// <inheritdoc />
    public void Say(string line) { }
}
