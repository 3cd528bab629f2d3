namespace KneeSeg;

/// <summary>How far long work is.</summary>
/// <param name="What">What is being done, such as "preparing knees".</param>
/// <param name="Done">Steps done.</param>
/// <param name="Total">All steps; 0 when unknown.</param>
/// <param name="Detail">A few words that change, such as the loss; may be empty.</param>
public readonly record struct Progress(string What, long Done, long Total, string Detail = "");

/// <summary>
/// Where work says how far it is. Calls come on the working thread, often; an implementation returns
/// at once.
/// </summary>
public interface IProgressSink
{
    /// <summary>Says how far the work is.</summary>
    void Report(Progress progress);

    /// <summary>Says something that stays on the screen, such as a finished epoch.</summary>
    void Say(string line);
}

/// <summary>Says nothing, for tests and quiet calls.</summary>
public sealed class SilentProgress : IProgressSink
{
    /// <summary>The only one.</summary>
    public static SilentProgress Instance { get; } = new();

    private SilentProgress() { }

    /// <inheritdoc />
    public void Report(Progress progress) { }

    /// <inheritdoc />
    public void Say(string line) { }
}
