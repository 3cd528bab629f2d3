using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Phantoms;
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
    /// <summary>The names of the synthetic sources to train on together; none for the sweep's dataset.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>The name of its recipe, where the file crosses recipes with its rows; else null.</summary>
    public string? RecipeName { get; init; }

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
public sealed record PhantomChoice(int Count, ModelSize Size, long Seed)
{
    /// <summary>Of its images.</summary>
    public PhantomContrast Contrast { get; init; }

    /// <summary>Further synthetic datasets, for rows that name them.</summary>
    public IReadOnlyList<PhantomSource> Sources { get; init; } = [];
}

/// <summary>A synthetic dataset that rows may train on.</summary>
/// <param name="Name">Its name, also of its folder.</param>
/// <param name="Count">Number of cases.</param>
/// <param name="Seed">Seed of the first case.</param>
/// <param name="Structures">The structures that it labels; null for all.</param>
public sealed record PhantomSource(
    string Name,
    int Count,
    long Seed,
    IReadOnlyList<string>? Structures
)
{
    /// <summary>Of its images.</summary>
    public PhantomContrast Contrast { get; init; }

    /// <summary>Its folder in a sweep's.</summary>
    internal string Folder(string sweep) => Path.Combine(sweep, "sources", Name);

    /// <summary>Its label map.</summary>
    /// <exception cref="ProblemException">A structure is unknown (exit 2).</exception>
    internal LabelSchema Profile => PhantomSet.ProfileOf(Structures);
}
