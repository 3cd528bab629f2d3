namespace KneeSeg.Kernels.Winograd;

/// <summary>
/// Voxels from one to the next along three axes, in the order in which tiles follow each other: width, depth and height of a volume,
/// so that planes that follow each other overlap in memory too. Planes of a kernel of depth 1 are images of their own, of one plane.
/// </summary>
internal readonly record struct Strides(nint Depth, nint Height, nint Width)
{
    /// <summary>Those of a map.</summary>
    public static Strides Of(Extent size, bool isDeep) =>
        isDeep ? new(1, size.Plane, size.Width) : new(0, size.Width, 1);

    /// <summary>Axes in that order.</summary>
    public static Extent Turned(Extent axes, bool isDeep) =>
        isDeep ? new(axes.Width, axes.Depth, axes.Height) : axes with { Depth = 1 };

    public nint At(int z, int y, int x) => z * Depth + y * Height + x * Width;
}
