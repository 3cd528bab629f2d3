using KneeSeg.Imaging;
using KneeSeg.Imaging.Morphology;

namespace KneeSeg.Morphometry;

/// <summary>A cropped mask with sub-voxel lookup; everything beyond the crop is outside.</summary>
/// <param name="voxels">The first axis fastest.</param>
/// <param name="size">Voxels along each axis.</param>
/// <param name="affine">From a voxel of the cut to RAS+ mm.</param>
public sealed class SubvoxelMask(bool[] voxels, Size3 size, Affine affine)
{
    private readonly Affine toVoxels = affine.Inverse();

    /// <summary>No voxel.</summary>
    internal static SubvoxelMask Nothing { get; } = new([], default, Affine.Identity);

    /// <summary>Cuts labels out of a volume.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="labels">The labels that are inside.</param>
    /// <param name="box">What is cut; may be empty.</param>
    public static SubvoxelMask Of(Volume<byte> volume, ReadOnlySpan<int> labels, VoxelBox box)
    {
        if (box.IsEmpty)
            return new([], default, volume.Grid.Affine);
        var isIn = new bool[256];
        foreach (var label in labels)
            isIn[label] = true;
        var (size, cut) = (volume.Grid.Size, box.Size);
        var mask = new bool[cut.Count];
        Parallel.For(
            0,
            cut.Z,
            k =>
            {
                for (var j = 0; j < cut.Y; j++)
                {
                    var from = box.MinX + size.X * (box.MinY + j + size.Y * (box.MinZ + k));
                    var row = mask.AsSpan(cut.X * (j + cut.Y * k), cut.X);
                    for (var i = 0; i < row.Length; i++)
                        row[i] = isIn[volume.Voxels[from + i]];
                }
            }
        );
        var grid = volume.Grid.Part(cut, box.MinX, box.MinY, box.MinZ);
        return new(mask, cut, grid.Affine);
    }

    /// <summary>The first axis fastest.</summary>
    public bool[] Voxels => voxels;

    /// <summary>Voxels along each axis.</summary>
    public Size3 Size => size;

    /// <summary>From a voxel of the cut to RAS+ mm.</summary>
    public Affine Affine => affine;

    /// <summary>Millimeters from voxel to voxel along each axis.</summary>
    public Spacing3 Spacing { get; } = affine.Spacing;

    /// <summary>Whether a voxel, which may be beyond the cut, is inside.</summary>
    public bool Has(int i, int j, int k) =>
        (uint)i < (uint)size.X
        && (uint)j < (uint)size.Y
        && (uint)k < (uint)size.Z
        && voxels[i + size.X * (j + size.Y * k)];

    /// <summary>Whether the voxel at a fractional index is inside.</summary>
    public bool Has(Point3 index) => Has(Nearest(index.X), Nearest(index.Y), Nearest(index.Z));

    /// <summary>The voxel that a fractional index is in, along an axis.</summary>
    public static int Nearest(double index) => (int)Math.Floor(index + 0.5);

    /// <summary>From RAS+ mm to voxels, fractions too.</summary>
    public Point3 ToVoxels(Point3 point) => toVoxels.Apply(point);

    /// <summary>The same voxels elsewhere: moved by a map of RAS+ mm.</summary>
    public SubvoxelMask Moved(Affine by) => new(voxels, size, by * affine);

    /// <summary>Where its voxels are, in RAS+ mm.</summary>
    public IEnumerable<Point3> Points()
    {
        for (var (n, k) = (0, 0); k < size.Z; k++)
        for (var j = 0; j < size.Y; j++)
        for (var i = 0; i < size.X; i++, n++)
            if (voxels[n])
                yield return affine.Apply(i, j, k);
    }
}
