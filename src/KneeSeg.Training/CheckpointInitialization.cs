using KneeSeg.Runs;
using KneeSeg.Torch.Checkpoints;
using KneeSeg.Weights;

namespace KneeSeg.Training;

/// <summary>Initialization from another run's checkpoint: loads the weights that match in name and shape.</summary>
internal sealed class CheckpointInitialization
{
    private const int Listed = 8;

    private readonly SafetensorsFile file;
    private readonly string path;

    private CheckpointInitialization(SafetensorsFile file, string path, string name) =>
        (this.file, this.path, Name) = (file, path, name);

    /// <summary>The source of the weights, such as <c>unet3d+small at step 500 (3f2a…)</c>.</summary>
    public string Name { get; }

    /// <summary>Reads a run's weights.</summary>
    /// <param name="run">The other run's folder.</param>
    /// <param name="progress">Receives a warning of a corrupt checkpoint.</param>
    /// <exception cref="ProblemException">It is not a run (exit 3) or has no intact checkpoint (exit 5).</exception>
    public static CheckpointInitialization Open(string run, IProgressSink progress)
    {
        var folder = RunFolder.Open(run);
        var description = folder.Describe();
        var (file, path) = SafetensorsFile.ReadFirst(folder.Checkpoints, progress);
        var step = file.Metadata.GetValueOrDefault("step");
        return new(file, path, $"{description.Network} at step {step} ({file.Hash[..12]})");
    }

    /// <summary>Loads matching weights into a network.</summary>
    /// <param name="learner">Holds the network.</param>
    /// <param name="progress">Receives which weights were loaded.</param>
    /// <exception cref="ProblemException">No weight matches (exit 5).</exception>
    public void Load(Learner learner, IProgressSink progress)
    {
        var (loaded, fresh) = learner.LoadMatching(file);
        if (loaded.Count == 0)
            throw new ProblemException(
                ExitCode.Checkpoint,
                path,
                $"has no weight that matches {learner.Network.Graph.Name} in name and shape",
                "Use a checkpoint of the same network family and width, or omit --init-from"
            );
        var all = loaded.Count + fresh.Count;
        progress.Say($"initialized {loaded.Count} of {all} weights from {Name}");
        if (fresh.Count > 0)
        {
            progress.Say($"  loaded: {List(loaded)}");
            progress.Say($"  fresh: {List(fresh)}");
        }
    }

    /// <summary>Saves the initial weights in the run's folder, so that it no longer depends on the other run.</summary>
    public void Keep(RunFolder run, Learner learner) =>
        Checkpoint.Save(run.First, null, learner.Network, [], file.Metadata);

    private static string List(IReadOnlyList<string> names) =>
        names.Count <= Listed
            ? string.Join(", ", names)
            : $"{string.Join(", ", names.Take(Listed))} and {names.Count - Listed} more";
}
