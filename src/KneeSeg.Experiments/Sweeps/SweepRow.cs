using KneeSeg.Dsl;
using KneeSeg.Runs;

namespace KneeSeg.Experiments;

/// <summary>One row of a comparison: a network trained in one way, several times over.</summary>
/// <param name="Name">As the table shows it.</param>
/// <param name="Spec">The network.</param>
/// <param name="Recipe">How it is trained, with its patch; each repeat has a seed of its own.</param>
/// <param name="Seeds">One a repeat.</param>
/// <param name="Where">Its place in the sweep's file.</param>
public sealed record SweepRow(
    string Name,
    NetworkSpec Spec,
    Recipe Recipe,
    IReadOnlyList<long> Seeds,
    string Where
);
