namespace KneeSeg.Inference;

/// <summary>One window along one axis.</summary>
/// <param name="InputOffset">The first voxel that the network sees; below 0 where it sees beyond the volume.</param>
/// <param name="Length">How many it sees.</param>
/// <param name="OutputOffset">The first voxel whose answer counts.</param>
/// <param name="Skip">How many voxels of the answer come before it.</param>
/// <param name="Weights">How much the answer counts for each voxel from there on.</param>
/// <param name="Position">Its part of the position vector, -1 to 1.</param>
internal sealed record Tile(
    int InputOffset,
    int Length,
    int OutputOffset,
    int Skip,
    float[] Weights,
    float Position
);
