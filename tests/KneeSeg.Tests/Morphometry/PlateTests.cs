using System.Globalization;
using System.Text.RegularExpressions;
using KneeSeg.Imaging;
using KneeSeg.Morphometry;

namespace KneeSeg.Tests.Morphometry;

public sealed partial class PlateTests
{
    public static TheoryData<string> Names => [.. PlateShape.All.Select(shape => shape.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_plate_has_the_measures_of_its_closed_form_in_any_pose(string name)
    {
        var shape = Shape(name);

        Agrees(shape, shape.Measured);
        Assert.All(
            shape.Measured,
            whole => Near(shape.Exact.CoveredThickness, whole.CoveredThickness, 0.1)
        );
    }

    [Theory]
    [InlineData("slab of 2.5 mm, hole of 4 mm radius")]
    [InlineData("shell of 2 mm, convex")]
    [InlineData("femoral sector, 2.2 mm to nothing at its sides")]
    public void The_face_of_labeled_bone_shows_the_same(string name)
    {
        var shape = Shape(name);
        Plate[] plates = [.. shape.Plates(bone: true).Take(4)];

        Assert.All(plates, plate => Assert.Equal("label", plate.Measure().BoneInterface));
        Agrees(shape, [.. plates.Select(plate => plate.Measure().Whole)]);
    }

    // What is demanded of the mean over poses.
    private static void Agrees(PlateShape shape, IReadOnlyList<RegionMeasures> poses)
    {
        double Mean(Func<RegionMeasures, double> of) => poses.Average(of);
        var exact = shape.Exact;
        Near(exact.CoveredThickness, Mean(one => one.CoveredThickness!.Value), 0.05);
        Near(exact.Thickness, Mean(one => one.Thickness!.Value), 0.05);
        Near(1, Mean(one => one.CoveredArea) / exact.CoveredArea, 0.04);
        Near(1, Mean(one => one.TotalArea) / exact.TotalArea, 0.04);
        Near(exact.DenudedPercent, Mean(one => one.DenudedPercent!.Value), 2);
        Near(1, Mean(one => one.Volume) / exact.Volume, 0.01);
    }

    private static void Near(double exact, double? measured, double tolerance) =>
        Assert.InRange(measured!.Value, exact - tolerance, exact + tolerance);

    [Fact]
    public void The_spread_of_a_lens_and_its_extremes_are_those_of_its_closed_form()
    {
        var whole = Shape("lens, 4 mm in the middle").Measured[0];

        Near(4 / Math.Sqrt(12), whole.Sd, 0.05);
        Near(3.98, whole.Thickest, 0.1);
        Near(0.02, whole.Thinnest, 0.3);
    }

    [Fact]
    public void A_hole_is_a_defect_with_its_area_and_place()
    {
        var shape = Shape("slab of 2.5 mm, hole of 4 mm radius");

        var plate = shape.Plates(bone: false).First();

        var defect = Assert.Single(plate.Measure().Defects);
        Near(Math.PI * 16, defect.Area, 3);
        var middle = plate.Cells.Aggregate(
            default(Point3),
            (sum, cell) => sum + 1.0 / plate.Cells.Count * cell.Position
        );
        for (var axis = 0; axis < 3; axis++)
            Near(middle[axis], defect.Place[axis], 0.5);
    }

    [Theory]
    [InlineData("lens, 4 mm in the middle", 1.860)]
    [InlineData("wedge, 3 mm to nothing over 15 mm", 1.471)]
    public void The_nearest_place_of_a_tapering_plate_is_nearer_than_along_the_normal(
        string name,
        double nearest
    )
    {
        Plate[] plates = [.. Shape(name).Plates(bone: false).Take(4)];

        Assert.All(
            plates,
            plate =>
                Assert.InRange(
                    plate.MeanNearest()!.Value,
                    0,
                    Plate.MeanThickness(plate.Cells)!.Value + 0.02
                )
        );
        Near(nearest, plates.Average(plate => plate.MeanNearest()), 0.06);
    }

    [Theory]
    [InlineData("lens of 4 mm, hole of 4 mm radius")]
    [InlineData("femoral sector, 2.2 mm to nothing at its sides")]
    public void A_mirrored_plate_has_the_same_measures(string name)
    {
        var shape = Shape(name);
        var (mask, bone) = shape.Drawn(new Random(4), "PIR");

        foreach (var below in new[] { null, bone })
        {
            var one = Plate.Of(shape.Structure, mask, below)!;
            var other = Plate.Of(shape.Structure, Mirrored(mask)!, Mirrored(below))!;

            Assert.Equal(one.MeanNearest()!.Value, other.MeanNearest()!.Value, 1e-9);
            Assert.All(
                Values(one.Measure().Whole).Zip(Values(other.Measure().Whole)),
                pair => Assert.Equal(pair.First, pair.Second, 1e-9)
            );
        }
        static double[] Values(RegionMeasures of) =>
            [
                of.TotalArea,
                of.CoveredArea,
                of.Volume,
                of.Thickness!.Value,
                of.CoveredThickness!.Value,
                of.Sd!.Value,
                of.Thickest!.Value,
                of.Thinnest!.Value,
            ];
    }

    // The same voxels, counted from the other side of the body.
    private static SubvoxelMask? Mirrored(SubvoxelMask? mask)
    {
        if (mask is null)
            return null;
        static Point3 Mirror(Point3 p) => new(-p.X, p.Y, p.Z);
        var affine = mask.Affine;
        return new(
            mask.Voxels,
            mask.Size,
            Affine.FromColumns(
                Mirror(affine.Step(0)),
                Mirror(affine.Step(1)),
                Mirror(affine.Step(2)),
                Mirror(affine.Origin)
            )
        );
    }

    [Theory]
    [InlineData("PIR")]
    [InlineData("RAS")]
    [InlineData("LSP")]
    public void The_order_of_a_volumes_axes_hardly_matters(string axes)
    {
        var (mask, _) = Shape("lens, 4 mm in the middle").Drawn(new Random(2), axes);

        var whole = Plate.Of("lateral tibial cartilage", mask)!.Measure().Whole;

        Near(2, whole.CoveredThickness, 0.1);
    }

    [Theory]
    [InlineData("femoral cartilage")]
    [InlineData("patellar cartilage")]
    [InlineData("lateral tibial cartilage")]
    public void A_single_voxel_and_a_row_of_voxels_are_measured_without_a_fault(string structure)
    {
        foreach (var length in new[] { 1, 9 })
        {
            var voxels = new bool[11 * 3 * 3];
            Array.Fill(voxels, true, 11 + 33 + 1, length);
            var mask = new SubvoxelMask(voxels, new(11, 3, 3), Affine.Diagonal(0.4, 0.4, 0.7));

            // A femur's needs an arc.
            if (Plate.Of(structure, mask) is { } plate)
                Assert.InRange(plate.Measure().Whole.CoveredThickness!.Value, 0.05, 1);
            else
                Assert.Equal("femoral cartilage", structure);
        }
    }

    [Theory]
    [InlineData("femoral cartilage")]
    [InlineData("patellar cartilage")]
    [InlineData("lateral tibial cartilage")]
    public void A_block_that_is_no_plate_is_measured_without_a_fault(string structure)
    {
        var voxels = new bool[24 * 20 * 16];
        Array.Fill(voxels, true, 0, 24 * 20 * 12);
        var mask = new SubvoxelMask(voxels, new(24, 20, 16), Affine.Diagonal(0.7, 0.4, 0.4));

        var plate = Plate.Of(structure, mask)!;

        // A femur's axis runs through the middle of it, so that it has no bone interface.
        var whole = plate.Measure().Whole;
        Assert.InRange(whole.CoveredThickness ?? 0, 0, 12);
        Assert.InRange(plate.MeanNearest() ?? 0, 0, 12);
    }

    [Theory]
    [InlineData("femur")]
    [InlineData("medial meniscus")]
    [InlineData("costal cartilage")]
    public void What_is_no_cartilage_of_the_knee_is_no_plate(string name)
    {
        var (mask, _) = Shape("slab of 3 mm").Drawn(new Random(1), "PIR");

        Assert.Null(Plate.Of(name, mask));
    }

    [Fact]
    public void The_page_on_measuring_has_the_numbers_of_these_shapes()
    {
        var page = File.ReadAllText(
            Path.Combine(AppContext.BaseDirectory, "../../../../../docs/reference/metrics.md")
        );
        var said = Row()
            .Matches(page)
            .ToDictionary(
                row => row.Groups[1].Value,
                row =>
                    row.Groups[2]
                        .Value.Split('|', StringSplitOptions.TrimEntries)
                        .Select(cell => double.Parse(cell, CultureInfo.InvariantCulture))
            );

        Assert.Empty(
            from shape in PlateShape.All
            let numbers = Numbers(shape).ToArray()
            where
                !said.TryGetValue(shape.Name, out var cells)
                || cells
                    .Zip(numbers, (one, other) => Math.Abs(one - other.Value) - other.Slack)
                    .Max() > 0
            select $"| {shape.Name} | {string.Join(" | ", numbers.Select(one => one.Value.ToString(one.Format, CultureInfo.InvariantCulture)))} |"
        );
        Assert.Equal(PlateShape.All.Count, said.Count);
    }

    // Another processor rounds otherwise: a voxel more or less.
    private static IEnumerable<(double Value, string Format, double Slack)> Numbers(
        PlateShape shape
    )
    {
        var (exact, poses) = (shape.Exact, shape.Measured);
        double Mean(Func<RegionMeasures, double> of) => poses.Average(of);
        yield return (exact.CoveredThickness, "0.000", 0.001);
        yield return (Mean(one => one.CoveredThickness!.Value), "0.00", 0.008);
        yield return (exact.Thickness, "0.000", 0.001);
        yield return (Mean(one => one.Thickness!.Value), "0.00", 0.008);
        yield return (exact.CoveredArea, "0.0", 0.1);
        yield return (Mean(one => one.CoveredArea), "0.0", 1);
        yield return (exact.DenudedPercent, "0.0", 0.1);
        yield return (Mean(one => one.DenudedPercent!.Value), "0.0", 0.15);
        yield return (exact.Volume, "0.0", 0.1);
        yield return (Mean(one => one.Volume), "0.0", 1);
    }

    [GeneratedRegex(@"^\| ([^|]+) \| ((?:[\d.-]+ \| ){9}[\d.-]+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    private static PlateShape Shape(string name) =>
        PlateShape.All.Single(shape => shape.Name == name);
}
