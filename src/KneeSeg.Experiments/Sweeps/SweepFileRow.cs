using KneeSeg.Data;
using KneeSeg.Dsl;
using KneeSeg.Runs;

namespace KneeSeg.Experiments.Sweeps;

/// <summary>A row as the file has it: one network, or a script with several, each a row of the table.</summary>
/// <param name="Where">Its path in the file.</param>
/// <param name="Name">Its name in the table; null for the network's.</param>
/// <param name="Spec">A name with variants, or the path of a <c>.json</c> or <c>.fsx</c> file.</param>
/// <param name="Recipe">The recipe, with its patch; each repeat has its own seed.</param>
/// <param name="Seeds">One per repeat.</param>
public sealed record SweepFileRow(
    string Where,
    string? Name,
    string Spec,
    Recipe Recipe,
    IReadOnlyList<long> Seeds
)
{
    /// <summary>The problem of a spec that cannot be read, at its place in the file.</summary>
    public ProblemException Problem(SpecException e) =>
        new(
            e.IsUnknownName ? ExitCode.Usage : ExitCode.Spec,
            $"{Where}.spec, {e.Where}",
            e.What,
            e.Fix,
            e
        );
}

/// <summary>The synthetic dataset of a sweep without data.</summary>
/// <param name="Count">Number of cases.</param>
/// <param name="Size">Size in voxels.</param>
/// <param name="Seed">Seed of the first case.</param>
public sealed record PhantomChoice(int Count, ModelSize Size, long Seed);
