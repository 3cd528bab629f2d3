namespace KneeSeg.Data.Patches;

/// <summary>Which voxels of a patch the network predicts.</summary>
public enum PatchKind
{
    /// <summary>Every voxel: a 3D network.</summary>
    Volume,

    /// <summary>Every pixel of one sagittal slice: a 2D network, whose patch has depth 1.</summary>
    Slice,

    /// <summary>The middle slice, at depth / 2, with its neighbors as context.</summary>
    Slab,
}
