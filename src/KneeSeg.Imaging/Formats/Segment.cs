namespace KneeSeg.Imaging;

/// <summary>A segment that a label file names, as those of 3D Slicer do.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Value">Its value in the file's voxels.</param>
/// <param name="Layer">Which of the file's volumes it is in, from 0: segments that overlap need several.</param>
public sealed record Segment(string Name, int Value, int Layer);
