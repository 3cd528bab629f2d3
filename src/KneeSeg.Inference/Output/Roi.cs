using KneeSeg.Imaging;

namespace KneeSeg.Inference;

/// <summary>The part of an image around its tissue.</summary>
internal static class Roi
{
    /// <summary>The box around all labels and so many mm more, within the volume; the whole of it where there is no label.</summary>
    public static VoxelBox Box(Volume<byte> labels, double margin)
    {
        var (size, spacing) = (labels.Grid.Size, labels.Grid.Spacing);
        var tissue = VoxelBox.AroundTissue(labels);
        int Voxels(int axis) => (int)Math.Ceiling(margin / spacing[axis]);
        var (x, y, z) = (Voxels(0), Voxels(1), Voxels(2));
        return tissue.IsEmpty
            ? new(0, 0, 0, size.X - 1, size.Y - 1, size.Z - 1)
            : new(
                Math.Max(0, tissue.MinX - x),
                Math.Max(0, tissue.MinY - y),
                Math.Max(0, tissue.MinZ - z),
                Math.Min(size.X - 1, tissue.MaxX + x),
                Math.Min(size.Y - 1, tissue.MaxY + y),
                Math.Min(size.Z - 1, tissue.MaxZ + z)
            );
    }

    /// <summary>The voxels of a box, where they were in space.</summary>
    public static Volume<T> Cut<T>(Volume<T> volume, VoxelBox box)
        where T : unmanaged
    {
        var (size, cut) = (volume.Grid.Size, box.Size);
        var voxels = new T[cut.Count];
        for (var k = 0; k < cut.Z; k++)
        for (var j = 0; j < cut.Y; j++)
            volume
                .Voxels.AsSpan(box.MinX + size.X * (box.MinY + j + size.Y * (box.MinZ + k)), cut.X)
                .CopyTo(voxels.AsSpan(cut.X * (j + cut.Y * k)));
        return new(volume.Grid.Part(cut, box.MinX, box.MinY, box.MinZ), voxels);
    }
}
