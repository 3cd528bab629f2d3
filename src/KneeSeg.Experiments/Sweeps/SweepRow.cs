using KneeSeg.Dsl;
using KneeSeg.Runs;

namespace KneeSeg.Experiments.Sweeps;

/// <summary>One row of a sweep: a network and a recipe, trained with several seeds.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Spec">The network.</param>
/// <param name="Recipe">The recipe, with its patch; each repeat has its own seed.</param>
/// <param name="Seeds">One per repeat.</param>
/// <param name="Where">Its path in the sweep file.</param>
public sealed record SweepRow(
    string Name,
    NetworkSpec Spec,
    Recipe Recipe,
    IReadOnlyList<long> Seeds,
    string Where
);
