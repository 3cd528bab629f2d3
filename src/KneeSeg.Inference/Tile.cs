namespace KneeSeg.Inference;

/// <summary>One window along one axis.</summary>
/// <param name="Read">The first voxel that the network sees; below 0 where it sees beyond the volume.</param>
/// <param name="Write">The first voxel that it says something about.</param>
/// <param name="Shares">How much its word counts for each of those voxels; 0 outside the volume.</param>
internal sealed record Tile(int Read, int Write, float[] Shares);
