using KneeSeg.Evaluation;
using KneeSeg.Imaging;
using KneeSeg.Morphometry;

namespace KneeSeg.Tests.Evaluation;

/// <summary>
/// A plate of cartilage whose mean thickness over its bone interface has a closed form, in random poses on voxels of
/// 0.365×0.365×0.7 mm.
/// </summary>
/// <param name="name">As docs/reference/metrics.md has it.</param>
/// <param name="structure">The cartilage that it stands for: tibial ones have their joint surface above.</param>
/// <param name="exact">Its mean thickness in mm.</param>
/// <param name="half">Half of the width of the volume in mm.</param>
/// <param name="isInside">Whether a place is in it.</param>
public sealed class PlateShape(
    string name,
    string structure,
    double exact,
    double half,
    Func<Point3, bool> isInside
)
{
    private const string Tibial = "medial tibial cartilage";
    private const string Femoral = "femoral cartilage";
    private const double Radius = 12;
    private const int Poses = 8;

    private static readonly Spacing3 Knee = new(0.365, 0.365, 0.7);

    /// <summary>All shapes.</summary>
    public static IReadOnlyList<PlateShape> All { get; } =
    [
        Disc("slab of 3 mm", 3, _ => 3),
        Disc("slab of 1.5 mm", 1.5, _ => 1.5),
        Disc("lens, 4 mm in the middle", 2, r => Lens(4, r)),
        Disc("lens, 2 mm in the middle", 1, r => Lens(2, r)),
        Disc("lens of 3 mm, thinned by 0.2 mm", 1.4, r => Lens(3, r) - 0.2),
        Disc("slab of 2.5 mm, hole of 4 mm radius", 2.5, r => r < 4 ? 0 : 2.5),
        // T/2 · (1 - r²/R²) over what is covered.
        Disc("lens of 4 mm, hole of 4 mm radius", 16.0 / 9, r => r < 4 ? 0 : Lens(4, r)),
        new(
            "wedge, 3 mm to nothing over 15 mm",
            Tibial,
            1.5,
            half: 15,
            p => Math.Abs(p.X) < 7.5 && Math.Abs(p.Y) < 10 && p.Z > 0 && p.Z < 1.5 - p.X / 5
        ),
        Cap("shell of 2 mm, convex", 2, 22, 30, _ => 2),
        Cap("shell of 2 mm, concave", 2, -22, 30, _ => 2),
        // T · (1 - (2a sin a + (2 - a²) cos a - 2) / (a² (1 - cos a))) for the half angle a.
        Cap(
            "lens on a sphere, 3 mm in the middle",
            1.515744,
            22,
            35,
            share => 3 * (1 - share * share)
        ),
        Sector("femoral sector of 2.2 mm", 2.2, _ => 2.2),
        Sector(
            "femoral sector, 2.2 mm to nothing at its sides",
            2.2 * 2 / 3,
            x => 2.2 * (1 - x * x)
        ),
    ];

    public string Name => name;

    public double Exact => exact;

    /// <summary>The mean thickness along the normal in each pose, in mm.</summary>
    public IReadOnlyList<double> Measured => field ??= [.. Measure().Select(means => means.Normal)];

    /// <summary>Means along the normal and to the nearest place, in the same random poses each time.</summary>
    public IEnumerable<(double Normal, double Nearest)> Measure()
    {
        var random = new Random(1);
        for (var pose = 0; pose < Poses; pose++)
        {
            var mask = Drawn(random, "PIR");
            var plate = PlateComparison.Of(structure, mask, Nothing(mask), medial: 0)!;
            yield return (plate.Normal.Reference!.Value, plate.Nearest.Reference!.Value);
        }
    }

    /// <summary>The shape's voxels in the next pose: turned up to 20° about each axis, a femur 10°, and shifted.</summary>
    internal SubvoxelMask Drawn(Random random, string axes)
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
        int Voxels(double spacing) => (int)(2 * half / spacing);
        var centered = Grid.Centered(
            new(Voxels(Knee.X), Voxels(Knee.Y), Voxels(Knee.Z)),
            Knee,
            axes
        );
        var shift = new Point3(Next(0.5), Next(0.5), Next(0.5));
        var affine = centered.Affine.WithOrigin(centered.Affine.Origin + shift);
        var size = centered.Size;
        var voxels = new bool[size.Count];
        Parallel.For(
            0,
            size.Z,
            k =>
            {
                for (var (j, n) = (0, size.X * size.Y * k); j < size.Y; j++)
                for (var i = 0; i < size.X; i++, n++)
                    voxels[n] = isInside(Turned(affine.Apply(i, j, k)));
            }
        );
        return new(voxels, size, affine);
    }

    private static SubvoxelMask Nothing(SubvoxelMask like) =>
        new(new bool[like.Voxels.Length], like.Size, like.Affine);

    private static (double Sin, double Cos) Turn(double degrees) =>
        Math.SinCos(degrees * Math.PI / 180);

    private static double Lens(double middle, double r) => middle * (1 - r * r / (Radius * Radius));

    // Flat on the bone below, so thick at so many mm from the middle.
    private static PlateShape Disc(string name, double exact, Func<double, double> thickness) =>
        new(
            name,
            Tibial,
            exact,
            half: 15,
            p =>
                Math.Sqrt(p.X * p.X + p.Y * p.Y) is < Radius and var r
                && p.Z > 0
                && p.Z < thickness(r)
        );

    // On a ball of bone, or in a socket where the radius is negative; thick at shares of the angle from the middle.
    private static PlateShape Cap(
        string name,
        double exact,
        double radius,
        double degrees,
        Func<double, double> thickness
    ) =>
        new(
            name,
            Tibial,
            exact,
            half: 16,
            p =>
            {
                var from = new Point3(p.X, p.Y, p.Z + radius);
                var share =
                    Math.Acos(Math.Sign(radius) * from.Z / from.Length) * 180 / Math.PI / degrees;
                var depth = Math.Sign(radius) * (from.Length - Math.Abs(radius));
                return share < 1 && depth > 0 && depth < thickness(share);
            }
        );

    // About a femur of 20 mm radius, 20 mm wide and 110° around; thick at shares of the way to a side.
    private static PlateShape Sector(string name, double exact, Func<double, double> thickness) =>
        new(
            name,
            Femoral,
            exact,
            half: 24,
            p =>
            {
                var depth = Math.Sqrt(p.Y * p.Y + p.Z * p.Z) - 20;
                return Math.Abs(Math.Atan2(p.Y, -p.Z)) < 55 * Math.PI / 180
                    && Math.Abs(p.X) < 10
                    && depth > 0
                    && depth < thickness(p.X / 10);
            }
        );
}
