namespace KneeSeg.Experiments;

/// <summary>What a sweep's file says.</summary>
/// <param name="Name">The table's title.</param>
/// <param name="Phantoms">The knees to make where no data are given; null where there are none.</param>
/// <param name="Rows">In the table's order.</param>
public sealed record Sweep(string Name, PhantomChoice? Phantoms, IReadOnlyList<SweepRow> Rows);

/// <summary>A network that a spec in a sweep's file means.</summary>
/// <param name="Name">Its name with variants.</param>
/// <param name="Json">Its canonical JSON.</param>
public sealed record NamedSpec(string Name, string Json);
