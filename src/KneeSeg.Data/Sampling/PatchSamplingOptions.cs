namespace KneeSeg.Data;

/// <summary>How patches are chosen.</summary>
/// <param name="Size">Of the image patch, voxels.</param>
/// <param name="Kind">What of it is labeled.</param>
/// <param name="ForegroundFraction">The share of patches that are laid around a voxel of a tissue, 0 to 1.</param>
/// <param name="Mirror">Along which axes half of the patches are mirrored, and which labels then swap.</param>
/// <param name="Augmentation">How patches are changed.</param>
public sealed record PatchSamplingOptions(
    ModelSize Size,
    PatchKind Kind,
    double ForegroundFraction,
    FlipAugmentation Mirror,
    Augmentation Augmentation
)
{
    /// <summary>Where the other patches start.</summary>
    public CropDistribution Distribution { get; init; } = CropDistribution.Uniform;

    /// <summary>Whether a patch without any tissue is drawn again, twice at most.</summary>
    public bool ResampleEmpty { get; init; }

    /// <summary>The size of a patch's labels: one slice of a slab, else all.</summary>
    public ModelSize LabelSize => Kind == PatchKind.Slab ? Size with { Depth = 1 } : Size;
}
