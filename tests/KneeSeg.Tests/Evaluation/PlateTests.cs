using System.Globalization;
using System.Text.RegularExpressions;
using KneeSeg.Evaluation;
using KneeSeg.Imaging;
using KneeSeg.Morphometry;

namespace KneeSeg.Tests.Evaluation;

public sealed partial class PlateTests
{
    public static TheoryData<string> Names => [.. PlateShape.All.Select(shape => shape.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_plate_is_as_thick_as_its_closed_form_says_in_any_pose(string name)
    {
        var shape = Shape(name);

        Assert.InRange(shape.Measured.Average(), shape.Exact - 0.05, shape.Exact + 0.05);
        Assert.All(
            shape.Measured,
            mean => Assert.InRange(mean, shape.Exact - 0.1, shape.Exact + 0.1)
        );
    }

    [Theory]
    [InlineData("lens, 4 mm in the middle", 1.860)]
    [InlineData("wedge, 3 mm to nothing over 15 mm", 1.471)]
    public void The_nearest_place_of_a_tapering_plate_is_nearer_than_along_the_normal(
        string name,
        double nearest
    )
    {
        var measured = Shape(name).Measure().ToArray();

        Assert.All(measured, means => Assert.InRange(means.Nearest, 0, means.Normal + 0.02));
        Assert.InRange(measured.Average(means => means.Nearest), nearest - 0.06, nearest + 0.06);
    }

    [Theory]
    [InlineData("lens, 4 mm in the middle", "medial tibial cartilage")]
    [InlineData("femoral sector, 2.2 mm to nothing at its sides", "femoral cartilage")]
    public void A_mirrored_plate_is_equally_thick(string name, string structure)
    {
        var right = Shape(name).Drawn(new Random(4), "PIR");
        var (step, origin) = (right.Affine.Step(2), right.Affine.Origin);
        // The same voxels, counted from the other side of the body.
        var left = new SubvoxelMask(
            right.Voxels,
            right.Size,
            Affine.FromColumns(
                right.Affine.Step(0),
                right.Affine.Step(1),
                new(-step.X, step.Y, step.Z),
                new(-origin.X, origin.Y, origin.Z)
            )
        );

        var (one, other) = (
            PlateComparison.Of(structure, right, right, medial: 1)!,
            PlateComparison.Of(structure, left, left, medial: -1)!
        );

        Assert.Equal(one.Normal.Reference!.Value, other.Normal.Reference!.Value, 1e-9);
        Assert.Equal(one.Nearest.Reference!.Value, other.Nearest.Reference!.Value, 1e-9);
        Assert.Equal(one.Regions.Select(r => r.Name), other.Regions.Select(r => r.Name));
        Assert.All(
            one.Regions.Zip(other.Regions),
            pair =>
                Assert.Equal(
                    pair.First.Thickness.Reference!.Value,
                    pair.Second.Thickness.Reference!.Value,
                    1e-9
                )
        );
    }

    [Theory]
    [InlineData("PIR")]
    [InlineData("RAS")]
    [InlineData("LSP")]
    public void The_order_of_a_volumes_axes_hardly_matters(string axes)
    {
        var mask = Shape("lens, 4 mm in the middle").Drawn(new Random(2), axes);

        var plate = PlateComparison.Of("lateral tibial cartilage", mask, mask, medial: 0)!;

        Assert.InRange(plate.Normal.Reference!.Value, 1.9, 2.1);
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

            var plate = PlateComparison.Of(structure, mask, mask, medial: 0);

            // A femur's needs an arc.
            if (plate is not null)
                Assert.InRange(plate.Normal.Reference!.Value, 0.05, 1);
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

        var plate = PlateComparison.Of(structure, mask, mask, medial: 0)!;

        // A femur's axis runs through the middle of it, so that it has no bone interface.
        Assert.InRange(plate.Normal.Reference ?? 0, 0, 12);
        Assert.InRange(plate.Nearest.Reference ?? 0, 0, 12);
        Assert.Equal(structure != "femoral cartilage", plate.Normal.Reference is not null);
    }

    [Theory]
    [InlineData("femur")]
    [InlineData("medial meniscus")]
    [InlineData("costal cartilage")]
    public void What_is_no_cartilage_of_the_knee_has_no_thickness(string name)
    {
        var mask = Shape("slab of 3 mm").Drawn(new Random(1), "PIR");

        Assert.Null(PlateComparison.Of(name, mask, mask, medial: 0));
    }

    [Fact]
    public void The_page_on_measuring_has_the_numbers_of_these_shapes()
    {
        var page = File.ReadAllText(
            Path.Combine(AppContext.BaseDirectory, "../../../../../docs/reference/metrics.md")
        );
        var rows = Row().Matches(page).ToDictionary(row => row.Groups[1].Value);

        Assert.All(
            PlateShape.All,
            shape =>
            {
                double Said(int column) =>
                    double.Parse(
                        rows.TryGetValue(shape.Name, out var row)
                            ? row.Groups[column].Value
                            : "NaN",
                        CultureInfo.InvariantCulture
                    );
                var measured = shape.Measured;
                var line = FormattableString.Invariant(
                    $"| {shape.Name} | {shape.Exact:0.000} | {measured.Average():0.00} | {measured.Max(mean => Math.Abs(mean - shape.Exact)):0.00} |"
                );
                Assert.True(
                    Math.Abs(Said(2) - shape.Exact) < 0.001
                        && Math.Abs(Said(3) - measured.Average()) < 0.008
                        && Math.Abs(Said(4) - measured.Max(mean => Math.Abs(mean - shape.Exact)))
                            < 0.008,
                    $"docs/reference/metrics.md should have the line{Environment.NewLine}{line}"
                );
            }
        );
        Assert.Equal(PlateShape.All.Count, rows.Count);
    }

    [GeneratedRegex(
        @"^\| ([^|]+) \| (\d\.\d{3}) \| (\d\.\d\d) \| (\d\.\d\d) \|$",
        RegexOptions.Multiline
    )]
    private static partial Regex Row();

    private static PlateShape Shape(string name) =>
        PlateShape.All.Single(shape => shape.Name == name);
}
