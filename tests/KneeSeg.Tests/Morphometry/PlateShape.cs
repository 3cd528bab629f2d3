using KneeSeg.Imaging;
using KneeSeg.Morphometry;

namespace KneeSeg.Tests.Morphometry;

/// <summary>
/// A plate of cartilage whose measures have closed forms, in random poses on voxels of 0.365×0.365×0.7 mm.
/// </summary>
/// <param name="name">As docs/reference/metrics.md has it.</param>
/// <param name="structure">The cartilage that it stands for: tibial ones have their joint surface above.</param>
/// <param name="exact">Its exact measures.</param>
/// <param name="half">Half of the width of the volume in mm.</param>
/// <param name="isInside">Whether a place is in it.</param>
/// <param name="isBone">Whether a place is in its bone.</param>
public sealed class PlateShape(
    string name,
    string structure,
    ExactPlate exact,
    double half,
    Func<Point3, bool> isInside,
    Func<Point3, bool> isBone
)
{
    private const string Tibial = "medial tibial cartilage";
    private const string Femoral = "femoral cartilage";
    private const double Radius = 12;
    private const int Poses = 8;

    private static readonly Spacing3 Voxels = new(0.365, 0.365, 0.7);

    /// <summary>All shapes.</summary>
    public static IReadOnlyList<PlateShape> All { get; } =
    [
        Disc("slab of 3 mm", 3, _ => 3),
        Disc("slab of 1.5 mm", 1.5, _ => 1.5),
        // T/2 · (1 - r²/R²) over what is covered.
        Disc("lens, 4 mm in the middle", 2, r => Lens(4, r)),
        Disc("lens, 2 mm in the middle", 1, r => Lens(2, r)),
        new(
            "wedge, 3 mm to nothing over 15 mm",
            Tibial,
            new(300, 300, 1.5, 450),
            half: 15,
            p => Math.Abs(p.X) < 7.5 && Math.Abs(p.Y) < 10 && p.Z > 0 && p.Z < 1.5 - p.X / 5,
            p => p.Z <= 0
        ),
        Cap("shell of 2 mm, convex", new(407.425, 407.425, 2, 891.172), 22, 30, _ => 2),
        Cap("shell of 2 mm, concave", new(407.425, 407.425, 2, 743.018), -22, 30, _ => 2),
        Cap(
            "lens on a sphere, 3 mm in the middle",
            new(549.970, 549.970, 1.515744, 912.397),
            22,
            35,
            share => 3 * (1 - share * share)
        ),
        Sector("femoral sector of 2.2 mm", new(767.945, 767.945, 2.2, 1782.400), _ => 2.2),
        Sector(
            "femoral sector, 2.2 mm to nothing at its sides",
            new(767.945, 767.945, 1.466667, 1175.877),
            x => 2.2 * (1 - x * x)
        ),
        Disc("slab of 2.5 mm, hole of 4 mm radius", 2.5, r => r < 4 ? 0 : 2.5, hole: 4),
        Disc("lens of 4 mm, hole of 4 mm radius", 16.0 / 9, r => r < 4 ? 0 : Lens(4, r), hole: 4),
        Disc("lens of 3 mm, thinned by 0.2 mm", 1.4, r => Lens(3, r) - 0.2, Math.Sqrt(134.4)),
    ];

    public string Name => name;

    public string Structure => structure;

    public ExactPlate Exact => exact;

    /// <summary>What is measured in each pose without bone label.</summary>
    public IReadOnlyList<RegionMeasures> Measured =>
        field ??= [.. Plates(bone: false).Select(plate => plate.Measure().Whole)];

    /// <summary>The plate in the same random poses each time.</summary>
    public IEnumerable<Plate> Plates(bool bone)
    {
        var random = new Random(1);
        for (var pose = 0; pose < Poses; pose++)
        {
            var (mask, below) = Drawn(random, "PIR");
            yield return Plate.Of(structure, mask, bone ? below : null)!;
        }
    }

    /// <summary>The voxels of shape and bone in the next pose: turned up to 20° about each axis, a femur 10°, and shifted.</summary>
    internal (SubvoxelMask Mask, SubvoxelMask Bone) Drawn(Random random, string axes)
    {
        double Next(double most) => most * (2 * random.NextDouble() - 1);
        var most = structure == Femoral ? 10 : 20;
        var (x, y, z) = (Turn(Next(most)), Turn(Next(most)), Turn(Next(most)));
        Point3 Turned(Point3 p)
        {
            p = new(p.X, x.Cos * p.Y + x.Sin * p.Z, x.Cos * p.Z - x.Sin * p.Y);
            p = new(y.Cos * p.X - y.Sin * p.Z, p.Y, y.Cos * p.Z + y.Sin * p.X);
            return new(z.Cos * p.X + z.Sin * p.Y, z.Cos * p.Y - z.Sin * p.X, p.Z);
        }
        int Count(double spacing) => (int)(2 * half / spacing);
        var centered = Grid.Centered(
            new(Count(Voxels.X), Count(Voxels.Y), Count(Voxels.Z)),
            Voxels,
            axes
        );
        var shift = new Point3(Next(0.5), Next(0.5), Next(0.5));
        var affine = centered.Affine.WithOrigin(centered.Affine.Origin + shift);
        var size = centered.Size;
        var (voxels, bone) = (new bool[size.Count], new bool[size.Count]);
        Parallel.For(
            0,
            size.Z,
            k =>
            {
                for (var (j, n) = (0, size.X * size.Y * k); j < size.Y; j++)
                for (var i = 0; i < size.X; i++, n++)
                {
                    var place = Turned(affine.Apply(i, j, k));
                    (voxels[n], bone[n]) = (isInside(place), isBone(place));
                }
            }
        );
        return (new(voxels, size, affine), new(bone, size, affine));
    }

    private static (double Sin, double Cos) Turn(double degrees) =>
        Math.SinCos(degrees * Math.PI / 180);

    private static double Lens(double middle, double r) => middle * (1 - r * r / (Radius * Radius));

    // Flat on the bone below, so thick at so many mm from the middle.
    private static PlateShape Disc(
        string name,
        double mean,
        Func<double, double> thickness,
        double radius = Radius,
        double hole = 0
    )
    {
        var (total, covered) = (
            Math.PI * radius * radius,
            Math.PI * (radius * radius - hole * hole)
        );
        return new(
            name,
            Tibial,
            new(total, covered, mean, covered * mean),
            half: 15,
            p =>
                Math.Sqrt(p.X * p.X + p.Y * p.Y) is < Radius and var r
                && p.Z > 0
                && p.Z < thickness(r),
            p => p.Z <= 0
        );
    }

    // On a ball of bone, or in a socket where the radius is negative; thick at shares of the angle from the middle.
    private static PlateShape Cap(
        string name,
        ExactPlate exact,
        double radius,
        double degrees,
        Func<double, double> thickness
    )
    {
        double Depth(Point3 from) => Math.Sign(radius) * (from.Length - Math.Abs(radius));
        Point3 From(Point3 p) => new(p.X, p.Y, p.Z + radius);
        return new(
            name,
            Tibial,
            exact,
            half: 16,
            p =>
            {
                var from = From(p);
                var share =
                    Math.Acos(Math.Sign(radius) * from.Z / from.Length) * 180 / Math.PI / degrees;
                return share < 1 && Depth(from) > 0 && Depth(from) < thickness(share);
            },
            p => Depth(From(p)) <= 0
        );
    }

    // About a femur of 20 mm radius, 20 mm wide and 110° around; thick at shares of the way to a side.
    private static PlateShape Sector(string name, ExactPlate exact, Func<double, double> thickness)
    {
        static double Depth(Point3 p) => Math.Sqrt(p.Y * p.Y + p.Z * p.Z) - 20;
        return new(
            name,
            Femoral,
            exact,
            half: 24,
            p =>
                Math.Abs(Math.Atan2(p.Y, -p.Z)) < 55 * Math.PI / 180
                && Math.Abs(p.X) < 10
                && Depth(p) > 0
                && Depth(p) < thickness(p.X / 10),
            p => Depth(p) <= 0
        );
    }
}

/// <summary>The closed forms of a plate's measures.</summary>
/// <param name="TotalArea">tAB in mm².</param>
/// <param name="CoveredArea">cAB in mm².</param>
/// <param name="CoveredThickness">ThCcAB in mm.</param>
/// <param name="Volume">VC in mm³.</param>
public sealed record ExactPlate(
    double TotalArea,
    double CoveredArea,
    double CoveredThickness,
    double Volume
)
{
    /// <summary>ThCtAB in mm.</summary>
    public double Thickness => CoveredThickness * CoveredArea / TotalArea;

    /// <summary>dABp in %.</summary>
    public double DenudedPercent => 100 * (1 - CoveredArea / TotalArea);
}
