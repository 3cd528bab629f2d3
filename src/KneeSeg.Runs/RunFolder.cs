namespace KneeSeg.Runs;

/// <summary>
/// Where a run lives: <c>run.json</c>, <c>log.jsonl</c>, <c>checkpoints/</c>, <c>progress/</c>, its pictures and report. A copy of the
/// folder holds everything needed to predict.
/// </summary>
public sealed class RunFolder
{
    private RunFolder(string path) => Root = path;

    /// <summary>The folder.</summary>
    public string Root { get; }

    /// <summary>What was run on what.</summary>
    public string RunFile => Path.Combine(Root, "run.json");

    /// <summary>How it was last started.</summary>
    public string StartFile => Path.Combine(Root, "start.json");

    /// <summary>A line an epoch.</summary>
    public string LogFile => Path.Combine(Root, "log.jsonl");

    /// <summary>The newest checkpoint, from which training goes on.</summary>
    public string Last => Path.Combine(Root, "checkpoints", "last.safetensors");

    /// <summary>The checkpoint before the newest.</summary>
    public string Previous => Path.Combine(Root, "checkpoints", "previous.safetensors");

    /// <summary>The weights that did best on validation.</summary>
    public string Best => Path.Combine(Root, "checkpoints", "best.safetensors");

    /// <summary>The weights of another run that it began with; most runs have none.</summary>
    public string First => Path.Combine(Root, "checkpoints", "first.safetensors");

    /// <summary>Scalars and pictures for TensorBoard.</summary>
    public string TensorBoard => Path.Combine(Root, "tensorboard");

    /// <summary>What the network said about fixed cases, from validation to validation.</summary>
    public string Animation => Path.Combine(Root, "progress.gif");

    /// <summary>Pictures of replayed steps.</summary>
    public string Pictures => Path.Combine(Root, "pictures");

    /// <summary>The report.</summary>
    public string Report => Path.Combine(Root, "report.html");

    /// <summary>What the network said about fixed cases at an epoch's end; there where it was validated.</summary>
    /// <param name="epoch">From 1.</param>
    public string Still(int epoch) => Path.Combine(Root, "progress", $"epoch-{epoch:0000}.png");

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

    /// <summary>What was run on what.</summary>
    /// <exception cref="ProblemException">It is from another version or no run's description (exit 5).</exception>
    public RunManifest Describe() => RunManifest.Read(File.ReadAllText(RunFile), RunFile);
}
