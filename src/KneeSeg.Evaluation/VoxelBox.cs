using KneeSeg.Imaging;

namespace KneeSeg.Evaluation;

/// <summary>A box of voxels, both ends included; empty when an end is before its start.</summary>
internal readonly record struct VoxelBox(int MinX, int MinY, int MinZ, int MaxX, int MaxY, int MaxZ)
{
    /// <summary>No voxel.</summary>
    public static VoxelBox Empty { get; } =
        new(int.MaxValue, int.MaxValue, int.MaxValue, int.MinValue, int.MinValue, int.MinValue);

    public bool IsEmpty => MaxX < MinX;

    public Size3 Size => IsEmpty ? default : new(MaxX - MinX + 1, MaxY - MinY + 1, MaxZ - MinZ + 1);

    /// <summary>The smallest box around both.</summary>
    public VoxelBox Union(VoxelBox other) =>
        new(
            Math.Min(MinX, other.MinX),
            Math.Min(MinY, other.MinY),
            Math.Min(MinZ, other.MinZ),
            Math.Max(MaxX, other.MaxX),
            Math.Max(MaxY, other.MaxY),
            Math.Max(MaxZ, other.MaxZ)
        );

    /// <summary>A margin all around, as far as the volume goes.</summary>
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
}
