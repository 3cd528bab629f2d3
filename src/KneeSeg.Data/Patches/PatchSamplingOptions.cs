using KneeSeg.Data.Augmenting;
using KneeSeg.Data.Datasets;

namespace KneeSeg.Data.Patches;

/// <summary>How patches are sampled.</summary>
/// <param name="Size">Of the patch, voxels; a slice has a depth of 1.</param>
/// <param name="Kind">Which voxels are labeled.</param>
/// <param name="ForegroundFraction">The fraction of patches placed around a foreground voxel, 0 to 1.</param>
/// <param name="Mirror">Along which axes half of the patches are mirrored, and which labels then swap.</param>
/// <param name="Augmentation">Random transforms.</param>
public sealed record PatchSamplingOptions(
    ModelSize Size,
    PatchKind Kind,
    double ForegroundFraction,
    FlipAugmentation Mirror,
    Augmentation Augmentation
)
{
    /// <summary>The distribution of the other patches.</summary>
    public CropDistribution Distribution { get; init; } = CropDistribution.Uniform;

    /// <summary>Whether a patch without foreground is drawn again, at most twice.</summary>
    public bool ResampleEmpty { get; init; }

    /// <summary>
    /// The slices that a slice's image has, an odd number: with its neighbors on both sides, of which those beyond the
    /// volume repeat its last one (2.5D).
    /// </summary>
    public int Slices { get; init; } = 1;

    /// <summary>The size of a patch's image.</summary>
    public ModelSize ImageSize => Slices > 1 ? Size with { Depth = Slices } : Size;

    /// <summary>The size of a patch's labels: one slice of a slab, else all.</summary>
    public ModelSize LabelSize => Kind == PatchKind.Slab ? Size with { Depth = 1 } : Size;
}

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
