namespace KneeSeg.Inference;

/// <summary>What predicting one image takes.</summary>
/// <param name="Windows">How it is gone over, in words.</param>
/// <param name="VoxelsSeen">Voxels that go through each member of the ensemble.</param>
/// <param name="Bytes">Memory at the peak beyond the weights.</param>
internal sealed record WindowEstimate(string Windows, double[] VoxelsSeen, long Bytes);
