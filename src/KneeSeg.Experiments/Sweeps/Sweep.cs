namespace KneeSeg.Experiments.Sweeps;

/// <summary>The content of a sweep file.</summary>
/// <param name="Name">The table's title.</param>
/// <param name="Phantoms">The synthetic dataset to generate if no data are given; null if the file describes none.</param>
/// <param name="Rows">In the table's order.</param>
public sealed record Sweep(string Name, PhantomChoice? Phantoms, IReadOnlyList<SweepRow> Rows);
