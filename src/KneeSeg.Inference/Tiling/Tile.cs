namespace KneeSeg.Inference.Tiling;

/// <summary>One window along one axis.</summary>
/// <param name="InputOffset">The first input voxel; negative if padded.</param>
/// <param name="Length">The number of input voxels.</param>
/// <param name="OutputOffset">The first output voxel that is used.</param>
/// <param name="Skip">Output voxels before it that are discarded.</param>
/// <param name="Weights">The blending weight of each output voxel from there on.</param>
/// <param name="Position">Its component of the patch position, −1 to 1.</param>
internal sealed record Tile(
    int InputOffset,
    int Length,
    int OutputOffset,
    int Skip,
    float[] Weights,
    float Position
);
