namespace KneeSeg.Imaging.Resampling;

/// <summary>Consecutive slices along the third axis of several maps on one grid, such as one of each class.</summary>
/// <param name="First">Which slice is the first.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Maps">
/// Each map's voxels, the first axis fastest. Valid only until the next range is requested.
/// </param>
public readonly record struct SliceRange(int First, int Count, ReadOnlyMemory<float>[] Maps);
