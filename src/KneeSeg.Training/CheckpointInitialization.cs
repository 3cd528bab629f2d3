using KneeSeg.Runs;
using KneeSeg.Torch;

namespace KneeSeg.Training;

/// <summary>The weights of another run, to begin with: those are taken that have a place of the same name and shape.</summary>
internal sealed class CheckpointInitialization
{
    private const int Listed = 8;

    private readonly SafetensorsFile file;
    private readonly string path;

    private CheckpointInitialization(SafetensorsFile file, string path, string name) =>
        (this.file, this.path, Name) = (file, path, name);

    /// <summary>Which weights, such as <c>unet3d+small at step 500 (3f2a…)</c>.</summary>
    public string Name { get; }

    /// <summary>Reads a run's best weights, or its newest ones.</summary>
    /// <param name="run">The other run's folder.</param>
    /// <exception cref="ProblemException">It is no run (exit 3) or has no whole checkpoint (exit 5).</exception>
    public static CheckpointInitialization Open(string run)
    {
        var folder = RunFolder.Open(run);
        var description = folder.Describe();
        var path = File.Exists(folder.Best) ? folder.Best : folder.Last;
        var file = SafetensorsFile.Read(path);
        var step = file.Metadata.GetValueOrDefault("step");
        return new(file, path, $"{description.Network} at step {step} ({file.Hash[..12]})");
    }

    /// <summary>Puts the weights that fit into a network.</summary>
    /// <param name="learner">Has the network.</param>
    /// <param name="progress">Hears which were taken, and which were not.</param>
    /// <exception cref="ProblemException">Not one weight fits (exit 5).</exception>
    public void Begin(Learner learner, IProgressSink progress)
    {
        var (taken, fresh) = learner.Begin(file);
        if (taken.Count == 0)
            throw new ProblemException(
                ExitCode.Checkpoint,
                path,
                $"has no weight of the name and shape of any of {learner.Network.Graph.Name}",
                "Begin with a network of the same family and width, or without --from"
            );
        var all = taken.Count + fresh.Count;
        progress.Say($"beginning with {taken.Count} of {all} weights of {Name}");
        if (fresh.Count > 0)
        {
            progress.Say($"  taken: {List(taken)}");
            progress.Say($"  fresh: {List(fresh)}");
        }
    }

    /// <summary>Keeps what the network begins with in the run's folder, which then needs the other run no more.</summary>
    public void Keep(RunFolder run, Learner learner) =>
        Checkpoint.Save(run.First, null, learner.Network, [], file.Metadata);

    private static string List(IReadOnlyList<string> names) =>
        names.Count <= Listed
            ? string.Join(", ", names)
            : $"{string.Join(", ", names.Take(Listed))} and {names.Count - Listed} more";
}
