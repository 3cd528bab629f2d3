namespace KneeSeg.Inference;

/// <summary>One window along one axis.</summary>
/// <param name="Read">The first voxel that the network sees; below 0 where it sees beyond the volume.</param>
/// <param name="Length">How many it sees.</param>
/// <param name="Write">The first voxel whose answer counts.</param>
/// <param name="Skip">How many voxels of the answer come before it.</param>
/// <param name="Shares">How much the answer counts for each voxel from there on.</param>
/// <param name="Position">Its part of the position vector, -1 to 1.</param>
internal sealed record Tile(
    int Read,
    int Length,
    int Write,
    int Skip,
    float[] Shares,
    float Position
);
