namespace KneeSeg.Experiments;

/// <summary>A part of a sweep's runs, for one of several machines.</summary>
/// <param name="Index">Which, from 1.</param>
/// <param name="Count">Of how many.</param>
public sealed record Shard(int Index, int Count);

/// <summary>What to compare, on what, where.</summary>
/// <param name="Sweep">The rows.</param>
/// <param name="Data">A dataset; null makes the sweep's phantoms in the folder.</param>
/// <param name="Out">The folder for runs and tables.</param>
/// <param name="Shard">Which runs; null takes all.</param>
public sealed record SweepRequest(Sweep Sweep, string? Data, string Out, Shard? Shard = null);

/// <summary>How a sweep ended.</summary>
/// <param name="Finished">False when it was interrupted; the same request goes on.</param>
/// <param name="Failures">Runs that stopped by a problem of their own.</param>
/// <param name="Elsewhere">Runs that another process is at, or another shard's that are not at their end.</param>
public sealed record SweepOutcome(
    bool Finished,
    IReadOnlyList<(string Run, RunFailure Failure)> Failures,
    int Elsewhere
);
