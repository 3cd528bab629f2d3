using KneeSeg.Dsl;

namespace KneeSeg.Experiments.Sweeps;

/// <summary>A sweep with its networks, dataset and output folder.</summary>
/// <param name="File">The rows.</param>
/// <param name="Networks">The networks that each <see cref="SweepFileRow.Spec"/> means; a script may have several.</param>
/// <param name="Data">A dataset; null generates the sweep's phantoms in the folder.</param>
/// <param name="Out">The folder for runs and tables.</param>
/// <param name="Shard">The runs to do; null for all.</param>
public sealed record SweepRequest(
    SweepFile File,
    IReadOnlyDictionary<string, IReadOnlyList<NetworkSpec>> Networks,
    string? Data,
    string Out,
    Shard? Shard = null
)
{
    /// <summary>The training time of a search by successive halving; null trains every row to its end.</summary>
    public TimeSpan? Search { get; init; }

    /// <summary>Where the dataset is, or will be generated.</summary>
    internal string DataFolder => Data ?? Path.Combine(Out, "knees");
}

/// <summary>The outcome of a sweep.</summary>
/// <param name="Finished">False if interrupted; the same request resumes.</param>
/// <param name="Failures">Runs that failed.</param>
/// <param name="Elsewhere">Unfinished runs that belong to other processes or shards.</param>
public sealed record SweepOutcome(
    bool Finished,
    IReadOnlyList<(string Run, RunFailure Failure)> Failures,
    int Elsewhere
);
