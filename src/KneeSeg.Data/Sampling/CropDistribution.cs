namespace KneeSeg.Data;

/// <summary>Where patches start that are not laid around a tissue.</summary>
public enum CropDistribution
{
    /// <summary>Every start is as likely as the other.</summary>
    Uniform,

    /// <summary>
    /// Near the middle, as the published knee tables were made: a normal law along each axis, whose deviation is a
    /// quarter of the middle start, rounded to a whole voxel and kept inside.
    /// </summary>
    Normal,

    /// <summary>In the middle.</summary>
    Centered,
}
