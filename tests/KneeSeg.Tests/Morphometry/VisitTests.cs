using KneeSeg.Imaging;
using KneeSeg.Morphometry;

namespace KneeSeg.Tests.Morphometry;

public sealed class VisitTests
{
    private static readonly string[] Names =
    [
        "background",
        "medial tibial cartilage",
        "lateral tibial cartilage",
    ];

    [Fact]
    public void A_known_motion_is_found()
    {
        // A saddle, turned by 5° about each axis.
        (Point3, Point3)[] still =
        [
            .. from u in Enumerable.Range(-20, 41)
            from v in Enumerable.Range(-20, 41)
            let x = u * 0.7
            let y = v * 0.7
            select (new Point3(x, y, (x * x - y * y) / 40), Unit(new(-x / 20, y / 20, 1))),
        ];
        var motion = Turn(5, new(3, -2, 4));
        Point3[] moving = [.. still.Select(one => motion.Inverse().Apply(one.Item1))];

        // From the middles, which a lesion hardly moves.
        static Point3 Middle(IEnumerable<Point3> points) =>
            new(points.Average(p => p.X), points.Average(p => p.Y), points.Average(p => p.Z));
        var start = Affine.Identity.WithOrigin(
            Middle(still.Select(one => one.Item1)) - Middle(moving)
        );

        var found = RigidRegistration.Of(moving, still, start);

        Assert.InRange(
            moving.Zip(still).Max(pair => (found.Apply(pair.First) - pair.Second.Item1).Length),
            0,
            0.05
        );
    }

    [Fact]
    public void Thinning_is_measured_on_the_bone_of_the_baseline_in_another_pose()
    {
        var (baseline, later) = (
            Lenses(Turn(7, default), 0, 0),
            Lenses(Turn(-4, new(3, 2, -4)), 0.2, 0)
        );
        var knee = Knee.Of(baseline, Names);

        var visit = knee.Later(later);

        var (before, after) = (knee.Measure(1)!.Regions, visit.Measure(1)!.Regions);
        Assert.Equal(before.Select(one => one.Region), after.Select(one => one.Region));
        Assert.All(
            before.Zip(after),
            pair => Assert.Equal(pair.First.TotalArea, pair.Second.TotalArea, 1e-9)
        );
        // -δ + δ²/2T; the other plate is as it was.
        Near(-0.1933, after[0].Thickness - before[0].Thickness, 0.03);
        Near(0, visit.Measure(2)!.Whole.Thickness - knee.Measure(2)!.Whole.Thickness, 0.02);
    }

    [Fact]
    public void A_lesion_is_a_defect_in_its_region()
    {
        var knee = Knee.Of(Lenses(Turn(3, default), 0, 0), Names);

        var visit = knee.Later(Lenses(Turn(-3, new(2, 2, 2)), 0, 3)).Measure(1)!;

        var defect = Assert.Single(visit.Defects);
        Assert.Equal("cMT", defect.Region);
        Near(9 * Math.PI, defect.Area, 3);
    }

    private static void Near(double exact, double? measured, double tolerance) =>
        Assert.InRange(measured!.Value, exact - tolerance, exact + tolerance);

    private static Point3 Unit(Point3 v) => 1 / v.Length * v;

    // The same turn about each axis, then a shift.
    private static Affine Turn(double degrees, Point3 shift)
    {
        var (s, c) = Math.SinCos(degrees * Math.PI / 180);
        Affine x = new(1, 0, 0, 0, 0, c, -s, 0, 0, s, c, 0);
        Affine y = new(c, 0, s, 0, 0, 1, 0, 0, -s, 0, c, 0);
        Affine z = new(c, -s, 0, 0, s, c, 0, 0, 0, 0, 1, 0);
        return (z * y * x).WithOrigin(shift);
    }

    // Two lenses of 3 mm on flat bone; the medial one thinned, and without cartilage within a radius.
    private static Volume<byte> Lenses(Affine pose, double thinned, double lesion)
    {
        var grid = Grid.Centered(new(110, 60, 106), new(0.365, 0.365, 0.7), "PIR");
        var toBone = pose.Inverse();
        var labels = new byte[grid.Size.Count];
        Parallel.For(
            0,
            grid.Size.Z,
            k =>
            {
                for (var (j, n) = (0, grid.Size.X * grid.Size.Y * k); j < grid.Size.Y; j++)
                for (var i = 0; i < grid.Size.X; i++, n++)
                {
                    var p = toBone.Apply(grid.Affine.Apply(i, j, k));
                    var isMedial = p.X > 0;
                    var x = p.X - (isMedial ? 16 : -16);
                    var r = Math.Sqrt(x * x + p.Y * p.Y);
                    var top = 3 * (1 - r * r / 144) - (isMedial ? thinned : 0);
                    if (p.Z > 0 && p.Z < top && !(isMedial && r < lesion))
                        labels[n] = (byte)(isMedial ? 1 : 2);
                }
            }
        );
        return new(grid, labels);
    }
}
