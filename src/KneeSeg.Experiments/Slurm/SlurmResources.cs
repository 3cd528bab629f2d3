using static System.FormattableString;

namespace KneeSeg.Experiments.Slurm;

/// <summary>What each task of a Slurm job asks for.</summary>
/// <param name="Cpus">Processor cores, and so threads.</param>
/// <param name="Partition">The partition; null for the cluster's default.</param>
/// <param name="Account">The account; null for the user's default.</param>
/// <param name="Time">The time limit, as Slurm writes it; null for the forecast.</param>
/// <param name="Memory">Bytes; null for the forecast.</param>
/// <param name="Gpu">Whether it computes on a graphics card.</param>
public sealed record SlurmResources(
    int Cpus,
    string? Partition,
    string? Account,
    string? Time,
    long? Memory,
    bool Gpu
)
{
    /// <summary>The cores of a task unless the user says more: Slurm itself would give one.</summary>
    public const int DefaultCpus = 4;

    // Runtime, libtorch, and what the system allocates around tensors.
    private const double Margin = 1.15;
    private const long Program = 1_000_000_000;

    // Other nodes may be slower, and a start reads the data.
    private const double Slower = 1.5;
    private static readonly TimeSpan Start = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(30);

    /// <summary>The same with forecasts for what the user left open: the most that any unit needs.</summary>
    /// <param name="units">At least one.</param>
    internal SlurmResources For(IReadOnlyList<WorkUnit> units) =>
        this with
        {
            Memory = Memory ?? (long)(units.Max(unit => unit.Bytes) * Margin) + Program,
            Time =
                Time ?? (units.Max(unit => unit.Seconds) is { } seconds ? LimitFor(seconds) : null),
        };

    private static string LimitFor(double seconds)
    {
        var minutes = Math.Ceiling(
            Math.Max(Shortest.TotalMinutes, seconds * Slower / 60 + Start.TotalMinutes)
        );
        return Invariant($"{Math.Floor(minutes / 60):00}:{minutes % 60:00}:00");
    }
}
