namespace KneeSeg.Experiments;

/// <summary>What a sweep's file says.</summary>
/// <param name="Name">The table's title.</param>
/// <param name="Phantoms">The knees to make where no data are given; null where there are none.</param>
/// <param name="Rows">In the table's order.</param>
public sealed record Sweep(string Name, PhantomChoice? Phantoms, IReadOnlyList<SweepRow> Rows);
