namespace KneeSeg.Imaging.Formats;

/// <summary>How voxels are stored: value = slope · stored + intercept.</summary>
/// <param name="Type">The scalar type of the stored numbers.</param>
/// <param name="BigEndian">Their byte order.</param>
/// <param name="Slope">Factor of the stored numbers.</param>
/// <param name="Intercept">Added after scaling.</param>
internal sealed record VoxelEncoding(
    VoxelType Type,
    bool BigEndian = false,
    double Slope = 1,
    double Intercept = 0
);
