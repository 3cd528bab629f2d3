using KneeSeg.Data;

namespace KneeSeg.Experiments.Sweeps;

/// <summary>The synthetic dataset of a sweep without data.</summary>
/// <param name="Count">Number of cases.</param>
/// <param name="Size">Size in voxels.</param>
/// <param name="Seed">Seed of the first case.</param>
public sealed record PhantomChoice(int Count, ModelSize Size, long Seed);
