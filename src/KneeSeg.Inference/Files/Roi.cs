using KneeSeg.Imaging;
using KneeSeg.Imaging.Morphology;

namespace KneeSeg.Inference.Files;

/// <summary>The region of interest (ROI) of an image, around the foreground.</summary>
internal static class Roi
{
    /// <summary>The bounding box of the foreground with a margin in mm, clipped to the volume; the whole volume without foreground.</summary>
    public static VoxelBox Box(Volume<byte> labels, double margin)
    {
        var (size, spacing) = (labels.Grid.Size, labels.Grid.Spacing);
        var foreground = VoxelBox.AroundForeground(labels);
        int Voxels(int axis) => (int)Math.Ceiling(margin / spacing[axis]);
        var (x, y, z) = (Voxels(0), Voxels(1), Voxels(2));
        return foreground.IsEmpty
            ? new(0, 0, 0, size.X - 1, size.Y - 1, size.Z - 1)
            : new(
                Math.Max(0, foreground.MinX - x),
                Math.Max(0, foreground.MinY - y),
                Math.Max(0, foreground.MinZ - z),
                Math.Min(size.X - 1, foreground.MaxX + x),
                Math.Min(size.Y - 1, foreground.MaxY + y),
                Math.Min(size.Z - 1, foreground.MaxZ + z)
            );
    }

    /// <summary>Crops a box, keeping its position in space.</summary>
    public static Volume<T> Crop<T>(Volume<T> volume, VoxelBox box)
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
