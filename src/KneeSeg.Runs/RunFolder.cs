namespace KneeSeg.Runs;

/// <summary>
/// Where a run lives: <c>run.json</c>, <c>log.jsonl</c>, <c>checkpoints/</c> and its report. A copy of the
/// folder holds everything needed to predict.
/// </summary>
public sealed class RunFolder
{
    private RunFolder(string path) => Root = path;

    /// <summary>The folder.</summary>
    public string Root { get; }

    /// <summary>What was run on what.</summary>
    public string RunFile => Path.Combine(Root, "run.json");

    /// <summary>A line an epoch.</summary>
    public string LogFile => Path.Combine(Root, "log.jsonl");

    /// <summary>The newest checkpoint, from which training goes on.</summary>
    public string Last => Path.Combine(Root, "checkpoints", "last.safetensors");

    /// <summary>The checkpoint before the newest.</summary>
    public string Previous => Path.Combine(Root, "checkpoints", "previous.safetensors");

    /// <summary>The weights that did best on validation.</summary>
    public string Best => Path.Combine(Root, "checkpoints", "best.safetensors");

    /// <summary>The report.</summary>
    public string Report => Path.Combine(Root, "report.html");

    /// <summary>A folder to train in; it need not exist yet.</summary>
    public static RunFolder At(string path) => new(path);

    /// <summary>A folder that was trained in.</summary>
    /// <exception cref="ProblemException">It is no run folder (exit 3).</exception>
    public static RunFolder Open(string path)
    {
        var run = new RunFolder(path);
        if (!File.Exists(run.RunFile))
            throw new ProblemException(
                ExitCode.Data,
                path,
                "is no run folder: it has no run.json",
                "Name a folder that 'kneeseg train … --run' made"
            );
        return run;
    }

    /// <summary>
    /// Keeps other processes from training here until disposed. The lock goes with the process, so a
    /// killed run leaves none behind.
    /// </summary>
    /// <exception cref="ProblemException">The folder is in use or can't be written (exit 6).</exception>
    public IDisposable Lock()
    {
        try
        {
            Directory.CreateDirectory(Root);
            return new FileStream(
                Path.Combine(Root, ".lock"),
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A lock that is held says so by a sharing violation: EWOULDBLOCK.
            var inUse = e is IOException && e.HResult == 11;
            throw new ProblemException(
                ExitCode.Resources,
                Root,
                inUse
                    ? "is being trained in by another process"
                    : $"can't be written ({e.Message.TrimEnd('.')})",
                inUse
                    ? "Wait for it to end, or choose another --run"
                    : "Choose a --run that you can write to, with enough space",
                e
            );
        }
    }
}
