namespace KneeSeg.Data.Patches;

/// <summary>The distribution of patches that are not centered on foreground.</summary>
public enum CropDistribution
{
    /// <summary>Uniform over all valid positions.</summary>
    Uniform,

    /// <summary>
    /// Normal about the center along each axis, as in the published knee tables: its standard deviation is a quarter of the
    /// centered start; rounded to a whole voxel and clamped.
    /// </summary>
    Normal,

    /// <summary>The center crop.</summary>
    Centered,
}
