namespace KneeSeg.Data;

/// <summary>What a network is trained to label in its patch.</summary>
public enum PatchKind
{
    /// <summary>Every voxel: a 3D network.</summary>
    Volume,

    /// <summary>Every pixel of one sagittal slice: a 2D network, whose patch has depth 1.</summary>
    Slice,

    /// <summary>The slice in the middle, at depth / 2, seen with its neighbors.</summary>
    Slab,
}
