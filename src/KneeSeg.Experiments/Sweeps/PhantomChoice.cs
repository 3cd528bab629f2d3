using KneeSeg.Data;

namespace KneeSeg.Experiments;

/// <summary>The generated knees of a sweep that is given no data.</summary>
/// <param name="Count">How many.</param>
/// <param name="Size">Voxels of each.</param>
/// <param name="Seed">Of the first.</param>
public sealed record PhantomChoice(int Count, ModelSize Size, long Seed);
