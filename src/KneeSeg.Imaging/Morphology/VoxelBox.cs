namespace KneeSeg.Imaging.Morphology;

/// <summary>A box of voxels, both ends included; empty when an end is before its start.</summary>
/// <param name="MinX">The first voxel along the first axis.</param>
/// <param name="MinY">Along the second.</param>
/// <param name="MinZ">Along the third.</param>
/// <param name="MaxX">The last voxel along the first axis.</param>
/// <param name="MaxY">Along the second.</param>
/// <param name="MaxZ">Along the third.</param>
public readonly record struct VoxelBox(int MinX, int MinY, int MinZ, int MaxX, int MaxY, int MaxZ)
{
    /// <summary>No voxel.</summary>
    public static VoxelBox Empty { get; } =
        new(int.MaxValue, int.MaxValue, int.MaxValue, int.MinValue, int.MinValue, int.MinValue);

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => MaxX < MinX;

    /// <summary>Voxels along each axis.</summary>
    public Size3 Size => IsEmpty ? default : new(MaxX - MinX + 1, MaxY - MinY + 1, MaxZ - MinZ + 1);

    /// <summary>The bounding box of a label.</summary>
    public static VoxelBox Around(Volume<byte> volume, byte label) =>
        Of<byte>(
            volume.Voxels,
            volume.Grid.Size,
            row => (row.IndexOf(label), row.LastIndexOf(label))
        );

    /// <summary>The bounding box of everything that is not background.</summary>
    public static VoxelBox AroundForeground(Volume<byte> volume) =>
        Of<byte>(
            volume.Voxels,
            volume.Grid.Size,
            row => (row.IndexOfAnyExcept((byte)0), row.LastIndexOfAnyExcept((byte)0))
        );

    /// <summary>The bounding box of a set of voxels, the first axis fastest.</summary>
    public static VoxelBox Around(ReadOnlySpan<bool> inside, Size3 size) =>
        Of(inside, size, row => (row.IndexOf(true), row.LastIndexOf(true)));

    /// <summary>The union's bounding box.</summary>
    public VoxelBox Union(VoxelBox other) =>
        new(
            Math.Min(MinX, other.MinX),
            Math.Min(MinY, other.MinY),
            Math.Min(MinZ, other.MinZ),
            Math.Max(MaxX, other.MaxX),
            Math.Max(MaxY, other.MaxY),
            Math.Max(MaxZ, other.MaxZ)
        );

    /// <summary>The box widened by a margin, within the volume.</summary>
    public VoxelBox Widened(int margin, Size3 size) =>
        IsEmpty
            ? this
            : new(
                Math.Max(0, MinX - margin),
                Math.Max(0, MinY - margin),
                Math.Max(0, MinZ - margin),
                Math.Min(size.X - 1, MaxX + margin),
                Math.Min(size.Y - 1, MaxY + margin),
                Math.Min(size.Z - 1, MaxZ + margin)
            );

    /// <summary>The box widened by millimeters, within a grid.</summary>
    public VoxelBox Widened(double millimeters, Grid grid)
    {
        if (IsEmpty)
            return this;
        int By(int axis) => (int)Math.Ceiling(millimeters / grid.Spacing[axis]);
        return new(
            Math.Max(0, MinX - By(0)),
            Math.Max(0, MinY - By(1)),
            Math.Max(0, MinZ - By(2)),
            Math.Min(grid.Size.X - 1, MaxX + By(0)),
            Math.Min(grid.Size.Y - 1, MaxY + By(1)),
            Math.Min(grid.Size.Z - 1, MaxZ + By(2))
        );
    }

    private delegate (int First, int Last) Ends<T>(ReadOnlySpan<T> row);

    private static VoxelBox Of<T>(ReadOnlySpan<T> voxels, Size3 size, Ends<T> ends)
    {
        var box = Empty;
        for (var k = 0; k < size.Z; k++)
        for (var j = 0; j < size.Y; j++)
            if (
                ends(voxels.Slice(size.X * (j + size.Y * k), size.X)) is
                (>= 0 and var first, var last)
            )
                box = box.Union(new(first, j, k, last, j, k));
        return box;
    }
}
