using KneeSeg.Imaging;

namespace KneeSeg.Morphometry;

/// <summary>Thickness and regions of cartilage as volumes on the grid of its labels.</summary>
/// <param name="Thickness">In mm, of the bone's piece whose normal a voxel lies on; 0 outside of cartilage.</param>
/// <param name="Regions">The region's number; 0 outside, and <see cref="Denuded" /> on denuded bone.</param>
public sealed record PlateMap(Volume<float> Thickness, Volume<byte> Regions)
{
    /// <summary>Marks the face of denuded bone, whose thickness is 0 as that of the outside.</summary>
    public const byte Denuded = 255;

    // In mm: the width of the cubes in which pieces of bone are searched.
    private const double Cube = 1.5;

    /// <summary>The maps of a knee.</summary>
    /// <param name="labels">The labels that it was measured on.</param>
    /// <param name="knee">Its plates.</param>
    public static PlateMap Of(Volume<byte> labels, Knee knee)
    {
        var map = new PlateMap(
            new(labels.Grid, new float[labels.Voxels.Length]),
            new(labels.Grid, new byte[labels.Voxels.Length])
        );
        // A structure that is missed has no pieces of bone.
        foreach (var (label, plate) in knee.Plates.Where(one => one.Plate.Cells.Count > 0))
            map.Add(labels, (byte)label, plate);
        return map;
    }

    private void Add(Volume<byte> labels, byte label, Plate plate)
    {
        var (size, affine, motion) = (labels.Grid.Size, labels.Grid.Affine, plate.Motion);
        // The nearest piece of the bone is the one whose normal passes.
        var cells = new PointGrid([.. plate.Cells.Select(cell => cell.Position)], Cube);
        byte[] regions = [.. plate.Cells.Select(cell => RegionNumbers.Of(plate, cell))];
        Parallel.For(
            0,
            size.Z,
            k =>
            {
                for (var (n, j) = (size.X * size.Y * k, 0); j < size.Y; j++)
                for (var i = 0; i < size.X; i++, n++)
                {
                    if (labels.Voxels[n] != label)
                        continue;
                    var cell = cells.Nearest(motion.Apply(affine.Apply(i, j, k)));
                    Thickness.Voxels[n] = (float)plate.Cells[cell].Thickness;
                    Regions.Voxels[n] = regions[cell];
                }
            }
        );
        var (toVoxels, back) = (affine.Inverse(), motion.Inverse());
        foreach (var cell in plate.Cells.Where(cell => cell is { Total: > 0, Covered: 0 }))
        {
            var at = toVoxels.Apply(back.Apply(cell.Position));
            var (i, j, k) = (Nearest(at.X), Nearest(at.Y), Nearest(at.Z));
            if (
                (uint)i < (uint)size.X
                && (uint)j < (uint)size.Y
                && (uint)k < (uint)size.Z
                && size.X * (j + size.Y * k) + i is var n
                && labels.Voxels[n] != label
            )
                Regions.Voxels[n] = Denuded;
        }
    }

    private static int Nearest(double index) => SubvoxelMask.Nearest(index);
}
