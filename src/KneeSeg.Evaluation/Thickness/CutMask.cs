using KneeSeg.Imaging;

namespace KneeSeg.Evaluation;

/// <summary>A structure's voxels cut out of its volume; beyond the cut is outside.</summary>
/// <param name="Voxels">The first axis fastest.</param>
/// <param name="Size">Voxels along each axis.</param>
/// <param name="Affine">From a voxel of the cut to RAS+ mm.</param>
internal sealed record CutMask(bool[] Voxels, Size3 Size, Affine Affine)
{
    private readonly Affine toVoxels = Affine.Inverse();

    /// <summary>Millimetres from voxel to voxel along each axis.</summary>
    public Spacing3 Spacing { get; } = Affine.Spacing;

    /// <summary>Whether a voxel, which may be beyond the cut, is inside.</summary>
    public bool Has(int i, int j, int k) =>
        (uint)i < (uint)Size.X
        && (uint)j < (uint)Size.Y
        && (uint)k < (uint)Size.Z
        && Voxels[i + Size.X * (j + Size.Y * k)];

    /// <summary>From RAS+ mm to voxels, fractions too.</summary>
    public Point3 ToVoxels(Point3 place) => toVoxels.Apply(place);

    /// <summary>A slope in 1/voxel along each axis as one in 1/mm.</summary>
    public Point3 ToWorldSlope(Point3 slope) =>
        new(
            toVoxels.M00 * slope.X + toVoxels.M10 * slope.Y + toVoxels.M20 * slope.Z,
            toVoxels.M01 * slope.X + toVoxels.M11 * slope.Y + toVoxels.M21 * slope.Z,
            toVoxels.M02 * slope.X + toVoxels.M12 * slope.Y + toVoxels.M22 * slope.Z
        );

    /// <summary>Where its voxels are, in RAS+ mm.</summary>
    public IEnumerable<Point3> Places()
    {
        for (var (n, k) = (0, 0); k < Size.Z; k++)
        for (var j = 0; j < Size.Y; j++)
        for (var i = 0; i < Size.X; i++, n++)
            if (Voxels[n])
                yield return Affine.Apply(i, j, k);
    }

    /// <summary>The voxels with an outside neighbour along an axis, and on which side it is, -1 or 1.</summary>
    public IEnumerable<(int I, int J, int K, int Side)> Sides(int axis)
    {
        for (var (n, k) = (0, 0); k < Size.Z; k++)
        for (var j = 0; j < Size.Y; j++)
        for (var i = 0; i < Size.X; i++, n++)
        {
            if (!Voxels[n])
                continue;
            for (var side = -1; side <= 1; side += 2)
            {
                var (ni, nj, nk) = Next(axis, side, i, j, k);
                if (!Has(ni, nj, nk))
                    yield return (i, j, k, side);
            }
        }
    }

    /// <summary>A neighbour along an axis.</summary>
    public static (int I, int J, int K) Next(int axis, int side, int i, int j, int k) =>
        axis switch
        {
            0 => (i + side, j, k),
            1 => (i, j + side, k),
            _ => (i, j, k + side),
        };
}
