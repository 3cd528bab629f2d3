namespace KneeSeg.Imaging.Formats;

/// <summary>A segment that a label file names, as those of 3D Slicer do.</summary>
/// <param name="Name">Its display name.</param>
/// <param name="Value">Its value in the file's voxels.</param>
/// <param name="Layer">The layer it is in, from 0; overlapping segments need several.</param>
public sealed record Segment(string Name, int Value, int Layer);
