namespace KneeSeg.Inference;

/// <summary>The estimated cost of predicting one image.</summary>
/// <param name="Windows">The windows, in words.</param>
/// <param name="InputVoxels">Input voxels of each ensemble member.</param>
/// <param name="Bytes">Peak memory in bytes beyond the weights.</param>
internal sealed record WindowEstimate(string Windows, double[] InputVoxels, long Bytes);
