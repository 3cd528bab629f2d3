using System.Globalization;

namespace KneeSeg.Imaging;

/// <summary>A volume's voxels in space.</summary>
/// <param name="Size">Voxels along each axis.</param>
/// <param name="Affine">From a voxel's index to its center in RAS+ mm.</param>
public sealed record Grid(Size3 Size, Affine Affine)
{
    // Float32 headers and rounded scanner coordinates disagree by less, a wrong patient by more.
    private const double VoxelShare = 0.01;

    /// <summary>The forms of the NIfTI header it was read from; ignored by equality.</summary>
    internal NiftiForms? Forms { get; init; }

    /// <summary>Millimeters from voxel to voxel along each axis.</summary>
    public Spacing3 Spacing => Affine.Spacing;

    /// <summary>The center of the field of view, in RAS+ mm.</summary>
    public Point3 Center =>
        Affine.Apply((Size.X - 1) / 2.0, (Size.Y - 1) / 2.0, (Size.Z - 1) / 2.0);

    /// <summary>A grid of axes along right, anterior, superior or against them, centered on the origin.</summary>
    /// <param name="size">Voxels along each axis.</param>
    /// <param name="spacing">Millimeters from voxel to voxel along each axis.</param>
    /// <param name="codes">Where each axis runs to, such as <c>PIR</c>.</param>
    public static Grid Centered(Size3 size, Spacing3 spacing, string codes)
    {
        var (x, y, z) = (
            Towards(codes[0], spacing.X),
            Towards(codes[1], spacing.Y),
            Towards(codes[2], spacing.Z)
        );
        return new Grid(size, Affine.FromColumns(x, y, z, default)).CenteredOn(default);
    }

    /// <summary>
    /// Voxels of another size over the same field of view: the same directions and middle, and as many voxels as
    /// leave the extent the same to within half a new voxel along each axis.
    /// </summary>
    public Grid WithSpacing(Spacing3 spacing)
    {
        int Voxels(int axis) =>
            Math.Max(1, (int)Math.Round(Size[axis] * Spacing[axis] / spacing[axis]));
        Point3 Step(int axis) => spacing[axis] / Spacing[axis] * Affine.Step(axis);
        var affine = Affine.FromColumns(Step(0), Step(1), Step(2), default);
        return new Grid(new(Voxels(0), Voxels(1), Voxels(2)), affine).CenteredOn(Center);
    }

    /// <summary>So many voxels over exactly the same field of view.</summary>
    public Grid WithSize(Size3 size)
    {
        Point3 Step(int axis) => (double)Size[axis] / size[axis] * Affine.Step(axis);
        var affine = Affine.FromColumns(Step(0), Step(1), Step(2), default);
        return new Grid(size, affine).CenteredOn(Center);
    }

    /// <summary>The center crop of this extent in mm along each axis, to the nearest voxel; shorter axes are kept.</summary>
    public Grid CenterCrop(Spacing3 extent)
    {
        int Kept(int axis) =>
            Math.Clamp((int)Math.Round(extent[axis] / Spacing[axis]), 1, Size[axis]);
        var size = new Size3(Kept(0), Kept(1), Kept(2));
        int Before(int axis) => (Size[axis] - size[axis]) / 2;
        return Part(size, Before(0), Before(1), Before(2));
    }

    /// <summary>A part of it.</summary>
    /// <param name="size">How many voxels.</param>
    /// <param name="x">Where the part begins along each axis, in voxels.</param>
    /// <param name="y"><inheritdoc cref="Part" path="/param[@name='x']"/></param>
    /// <param name="z"><inheritdoc cref="Part" path="/param[@name='x']"/></param>
    public Grid Part(Size3 size, int x, int y, int z) =>
        this with
        {
            Size = size,
            Affine = Affine.WithOrigin(Affine.Apply(x, y, z)),
        };

    /// <summary>
    /// Whether a label volume on it covers only the segmented part of an image, as 3D Slicer writes them; ignored by equality.
    /// </summary>
    internal bool IsPart { get; init; }

    /// <summary>Whether both have exactly the same voxel positions, whatever files they come from.</summary>
    public bool Equals(Grid? other) =>
        other is not null && Size == other.Size && Affine == other.Affine;

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Size, Affine);

    /// <summary>Whether both have the same voxel positions, to a hundredth of a voxel.</summary>
    public bool SameAs(Grid other) => Difference(other) is null;

    /// <summary>How the other grid differs from this one, in words; null if they are the same.</summary>
    /// <returns>Such as "has 64×64×32 voxels, not 64×64×40" or "is 0.31 mm away at its farthest corner".</returns>
    public string? Difference(Grid other)
    {
        if (other.Size != Size)
            return $"has {other.Size} voxels, not {Size}";
        var apart = FarthestCorner(other.Affine);
        return apart <= VoxelShare * Spacing.Smallest
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"is {apart:0.###} mm away at its farthest corner"
            );
    }

    /// <summary>The largest distance between two affines' positions of a voxel of this grid, in mm.</summary>
    public double FarthestCorner(Affine other)
    {
        var farthest = 0.0;
        for (var corner = 0; corner < 8; corner++)
        {
            double At(int axis) => (corner >> axis & 1) * (Size[axis] - 1);
            var apart = Affine.Apply(At(0), At(1), At(2)) - other.Apply(At(0), At(1), At(2));
            farthest = Math.Max(farthest, apart.Length);
        }
        return farthest;
    }

    private Grid CenteredOn(Point3 center) =>
        this with
        {
            Affine = Affine.WithOrigin(Affine.Origin + (center - Center)),
        };

    private static Point3 Towards(char code, double millimeters) =>
        code switch
        {
            'R' => new(millimeters, 0, 0),
            'L' => new(-millimeters, 0, 0),
            'A' => new(0, millimeters, 0),
            'P' => new(0, -millimeters, 0),
            'S' => new(0, 0, millimeters),
            'I' => new(0, 0, -millimeters),
            _ => throw new ArgumentOutOfRangeException(nameof(code)),
        };
}
