using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Phantoms;
using KneeSeg.Evaluation;
using KneeSeg.Imaging;
using KneeSeg.Morphometry;
using KneeSeg.Tests.Imaging;

namespace KneeSeg.Tests.Evaluation;

public sealed class CartilagePlateTests
{
    private static readonly Spacing3 Voxel = new(0.365, 0.365, 0.7);
    private static readonly LabelSchema Profile = LabelSchema.Find("iwoai")!;

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(25)]
    [InlineData(40)]
    public void A_slab_at_any_angle_has_its_thickness_to_a_tenth_of_a_voxel(double degrees)
    {
        var (sine, cosine) = Math.SinCos(degrees * Math.PI / 180);
        var thickness = 6 * Voxel.X;

        var plate = Measure(
            "medial tibial cartilage",
            half: 22,
            p =>
                Math.Abs(p.X) < 19
                && Math.Abs(p.Y) < 19
                && Math.Abs(sine * p.X + cosine * p.Z) < thickness / 2
        );

        Near(thickness, plate);
    }

    [Theory]
    [InlineData("lateral tibial cartilage", 15)]
    [InlineData("lateral tibial cartilage", 25)]
    [InlineData("femoral cartilage", 15)]
    [InlineData("femoral cartilage", 25)]
    public void A_shell_has_its_thickness_to_a_tenth_of_a_voxel(string name, double radius)
    {
        // The femur's is cut along its normals: what lies aslant over its margin is thinner there.
        bool IsOnBone(Point3 p) =>
            name == "femoral cartilage"
                ? Math.Abs(p.X) < 0.7 * p.Length && p.Z < 0.4 * p.Length
                : p.Z > 0.4 * radius;

        var plate = Measure(
            name,
            half: radius + 4,
            p => p.Length > radius && p.Length < radius + 2 && IsOnBone(p)
        );

        Near(2, plate);
    }

    [Fact]
    public void A_thicker_prediction_has_an_error_of_so_much()
    {
        bool Slab(Point3 p, double top) =>
            Math.Abs(p.X) < 15 && Math.Abs(p.Y) < 15 && p.Z > -1.1 && p.Z < top;
        var grid = GridOf(18);

        var plate = Compare(
            "medial tibial cartilage",
            Masked(grid, p => Slab(p, 0.9)),
            Masked(grid, p => Slab(p, 1.62))
        );

        Assert.InRange(plate.Normal.Error!.Value, 0.72 - 0.07, 0.72 + 0.07);
        // One tibial plate alone has no medial and lateral side.
        Assert.Empty(plate.Regions);
    }

    [Fact]
    public void A_map_has_the_thickness_where_the_cartilage_is_and_nothing_elsewhere()
    {
        var grid = GridOf(18);
        byte Inside(Point3 p) =>
            (byte)(p.X > 0 && p.X < 15 && Math.Abs(p.Y) < 15 && p.Z > -1.1 && p.Z < 1.09 ? 2 : 0);
        var labels = new Volume<byte>(grid, [.. ResamplerTests.Points(grid).Select(Inside)]);

        var knee = Knee.Of(labels, ["background", "", "medial tibial cartilage"]);
        var maps = ThicknessMap.Pair(knee[2]!, knee.Again(labels)[2]!);

        var (map, pixel) = (maps.Reference, maps.Reference.Pixel);
        Assert.Equal(maps.Reference.Millimeters, maps.Prediction.Millimeters);
        Assert.InRange(map.Width * pixel, 12, 16);
        Assert.InRange(map.Height * pixel, 26, 31);
        var middle = map.Millimeters[map.Width / 2 + map.Width * (map.Height / 2)];
        Assert.InRange(middle, 2.19 - 0.15, 2.19 + 0.15);
    }

    private static void Near(double thickness, PlateComparison plate)
    {
        // Voxels are 0.365 by 0.7 mm.
        const double tenth = 0.075;
        Assert.InRange(plate.Normal.Reference!.Value, thickness - tenth, thickness + tenth);
        Assert.InRange(plate.Nearest.Reference!.Value, thickness - tenth, thickness + tenth);
        Assert.Equal(plate.Normal.Reference, plate.Normal.Prediction);
    }

    private static PlateComparison Measure(string name, double half, Func<Point3, bool> inside)
    {
        var mask = Masked(GridOf(half), inside);
        return Compare(name, mask, mask);
    }

    private static PlateComparison Compare(
        string name,
        SubvoxelMask reference,
        SubvoxelMask prediction
    )
    {
        var plate = Plate.Of(name, reference)!;
        return PlateComparison.Of(plate, plate.Again(prediction));
    }

    // Off the voxels' centers, as knees are.
    private static Grid GridOf(double half)
    {
        int Voxels(double spacing) => (int)(2 * half / spacing);
        var grid = Grid.Centered(
            new(Voxels(Voxel.X), Voxels(Voxel.Y), Voxels(Voxel.Z)),
            Voxel,
            "PIR"
        );
        var origin = grid.Affine.Origin + new Point3(0.13, 0.07, 0.11);
        return grid with { Affine = grid.Affine.WithOrigin(origin) };
    }

    private static SubvoxelMask Masked(Grid grid, Func<Point3, bool> inside) =>
        new([.. ResamplerTests.Points(grid).Select(inside)], grid.Size, grid.Affine);
}
