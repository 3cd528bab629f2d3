namespace KneeSeg.Runs;

/// <summary>
/// A run's folder: <c>run.json</c>, <c>log.jsonl</c>, <c>checkpoints/</c>, <c>progress/</c>, pictures and report. A copy of
/// the folder is all that prediction needs.
/// </summary>
public sealed class RunFolder
{
    private RunFolder(string path) => Root = path;

    /// <summary>The folder.</summary>
    public string Root { get; }

    /// <summary>The run's manifest.</summary>
    public string RunFile => Path.Combine(Root, "run.json");

    /// <summary>Settings of the last start.</summary>
    public string StartFile => Path.Combine(Root, "start.json");

    /// <summary>The log, one line per epoch.</summary>
    public string LogFile => Path.Combine(Root, "log.jsonl");

    /// <summary>The newest checkpoint, from which training resumes.</summary>
    public string Last => Path.Combine(Root, "checkpoints", "last.safetensors");

    /// <summary>The checkpoint before the newest.</summary>
    public string Previous => Path.Combine(Root, "checkpoints", "previous.safetensors");

    /// <summary>The weights with the best validation result.</summary>
    public string Best => Path.Combine(Root, "checkpoints", "best.safetensors");

    /// <summary>The weights of another run that it was initialized from, if any.</summary>
    public string First => Path.Combine(Root, "checkpoints", "first.safetensors");

    /// <summary>
    /// The run's checkpoints in the order in which they are to be used: the best, or the newest ones if it is missing or
    /// corrupt.
    /// </summary>
    /// <exception cref="ProblemException">There is none yet (exit 5).</exception>
    public IReadOnlyList<string> Checkpoints =>
        new[] { Best, Last, Previous }.Where(File.Exists).ToArray() is { Length: > 0 } found
            ? found
            : throw new ProblemException(
                ExitCode.Checkpoint,
                Root,
                "has no checkpoint yet",
                "Train at least until the end of the first epoch"
            );

    /// <summary>TensorBoard event files.</summary>
    public string TensorBoard => Path.Combine(Root, "tensorboard");

    /// <summary>Predictions on the monitored cases, one frame per validation.</summary>
    public string Animation => Path.Combine(Root, "progress.gif");

    /// <summary>Pictures of replayed training steps.</summary>
    public string Pictures => Path.Combine(Root, "pictures");

    /// <summary>The report.</summary>
    public string Report => Path.Combine(Root, "report.html");

    /// <summary>Predictions on the monitored cases at the end of an epoch with validation.</summary>
    /// <param name="epoch">From 1.</param>
    public string Snapshot(int epoch) => Path.Combine(Root, "progress", $"epoch-{epoch:0000}.png");

    /// <summary>A folder to train in; it need not exist yet.</summary>
    public static RunFolder At(string path) => new(path);

    /// <summary>Whether a folder is one of a run.</summary>
    public static bool Exists(string path) => File.Exists(At(path).RunFile);

    /// <summary>The folder of an existing run.</summary>
    /// <exception cref="ProblemException">It is not a run folder (exit 3).</exception>
    public static RunFolder Open(string path)
    {
        if (!Exists(path))
            throw new ProblemException(
                ExitCode.Data,
                path,
                "is not a run folder: it has no run.json",
                "Pass a folder created by 'kneeseg train … --run'"
            );
        return At(path);
    }

    /// <summary>Reads the manifest.</summary>
    /// <exception cref="ProblemException">It is invalid or from another version (exit 5).</exception>
    public RunManifest Describe() => RunManifest.Read(File.ReadAllText(RunFile), RunFile);
}
