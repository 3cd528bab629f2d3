using System.Globalization;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;

namespace KneeSeg.Tests.Imaging;

/// <summary>Where slices lie, held against the standard's own formula (PS3.3, C.7.6.2.1.1).</summary>
[Collection(nameof(FakeConverter))]
public sealed class DicomGridTests : IDisposable
{
    private const int Columns = 4;
    private const int Rows = 3;
    private const int Slices = 5;
    private const double Thickness = 0.7;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string, bool, string> Stacks()
    {
        // Rows and columns of an oblique plane: a rotation by 30 degrees about z, then by 20 about x.
        const string oblique = @"0.866025\0.469846\0.17101\-0.5\0.813798\0.296198";
        string[] planes = [@"1\0\0\0\1\0", @"0\1\0\0\0\-1", @"1\0\0\0\0\-1", oblique];
        TheoryData<string, bool, string> data = [];
        foreach (var plane in planes)
        foreach (var backwards in new[] { false, true })
        foreach (var acquisition in new[] { "2D", "3D" })
            data.Add(plane, backwards, acquisition);
        return data;
    }

    [Theory]
    [MemberData(nameof(Stacks))]
    public void Every_voxel_is_where_its_slice_says(
        string plane,
        bool backwards,
        string acquisition
    )
    {
        var positions = WriteStack(plane, backwards, acquisition);

        var grid = VolumeFile.ReadGrid(folder["series"]);

        Assert.Equal(new Size3(Columns, Rows, Slices), grid.Size);
        var inverse = grid.Affine.Inverse();
        for (var slice = 0; slice < Slices; slice++)
        for (var row = 0; row < Rows; row++)
        for (var column = 0; column < Columns; column++)
        {
            // Slices run along the normal of their plane, which is the order in which they were written, or against it.
            var (x, y, z) = Place(plane, positions[slice], column, row);
            var index = inverse.Apply(-x, -y, z);
            Assert.Equal(column, index.X, 1e-4);
            Assert.Equal(Rows - 1 - row, index.Y, 1e-4);
            Assert.Equal(backwards ? Slices - 1 - slice : slice, index.Z, 1e-4);
        }
    }

    [Theory]
    [InlineData("LAS")]
    [InlineData("RPI")]
    [InlineData("ASL")]
    [InlineData("SRA")]
    public void Voxels_keep_their_positions_in_whatever_order_they_are_converted(string codes)
    {
        WriteStack(@"1\0\0\0\1\0", false, "3D");
        var grid = VolumeFile.ReadGrid(folder["series"]);
        var truth = DicomSamples.Converted(grid);
        using FakeConverter converter = new();
        converter.Makes("0", AxisOrder.Towards(grid.Affine, codes).Apply(truth));

        var read = VolumeFile.ReadImage(folder["series"]);

        Assert.Equal(grid, read.Grid);
        Assert.Equal(truth.Voxels, read.Voxels);
        // Else 3D acquisitions would be turned, and those of a neck cropped.
        Assert.Contains("-x i", converter.Arguments);
    }

    [Fact]
    public void Voxels_that_are_converted_to_another_position_are_refused()
    {
        WriteStack(@"1\0\0\0\1\0", false, "2D");
        var grid = VolumeFile.ReadGrid(folder["series"]);
        using FakeConverter converter = new();
        var moved = grid with { Affine = grid.Affine.WithOrigin(new(0, 0, 0)) };
        converter.Makes("0", new Volume<float>(moved, new float[60]));

        var problem = Assert.Throws<ProblemException>(() => VolumeFile.ReadImage(folder["series"]));

        Assert.Equal(folder["series"], problem.Where);
        Assert.Contains("mm from their positions in the slices", problem.What);
    }

    [Fact]
    public void Slices_that_are_converted_in_another_order_are_refused()
    {
        int[] values = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8];
        int Voxel(int slice, int i) => values[(i + 5 * slice) % 12];
        for (var k = 0; k < 4; k++)
        {
            var slice = k;
            folder.Write(
                $"series/{k}.dcm",
                new DicomBytes { Z = 3 * k, Voxel = i => Voxel(slice, i) }
            );
        }
        var grid = VolumeFile.ReadGrid(folder["series"]);
        Volume<float> Ordered(params int[] order) =>
            new(
                grid,
                [
                    .. Enumerable
                        .Range(0, 48)
                        .Select(i => 2f * Voxel(order[i / 12], 4 * (2 - i / 4 % 3) + i % 4) - 7),
                ]
            );
        using FakeConverter converter = new();
        converter.Makes("0", Ordered(0, 1, 2, 3));
        Assert.Equal(2 * 5 - 7, VolumeFile.ReadImage(folder["series"]).Voxels[0]);
        // The first and the last are where they belong, so that the place of the volume is right.
        converter.Makes("0", Ordered(0, 2, 1, 3));
        var problem = Assert.Throws<ProblemException>(() => VolumeFile.ReadImage(folder["series"]));
        Assert.Contains("decodes 1.dcm to other voxels", problem.What);
    }

    [Fact]
    public void A_tilted_stack_is_refused_rather_than_straightened()
    {
        for (var k = 0; k < Slices; k++)
            folder.Write(
                $"series/{k}.dcm",
                new DicomBytes
                {
                    Z = k,
                    Texts = new() { [0x00200032] = Text([-10, -20 + 0.1 * k * 3, k]) },
                }
            );
        var problem = DicomSamples.Refused(folder["series"]);
        Assert.Contains("the gantry was tilted", problem.What);
    }

    [Fact]
    public void Two_stacks_side_by_side_are_not_taken_for_one()
    {
        folder.WriteSlices("series/right", []);
        for (var k = 0; k < 4; k++)
            folder.Write(
                $"series/s-left{k}.dcm",
                new DicomBytes
                {
                    Z = 3 * k,
                    Texts = new() { [0x00200032] = Text([90, -20, 3 * k]) },
                }
            );
        Assert.Contains("several stacks", DicomSamples.Refused(folder["series"]).What);
    }

    [Theory]
    [InlineData(0x00280030, "", "no pixel spacing")]
    [InlineData(0x00200032, "", "no position")]
    [InlineData(0x00200032, @"1\2\far", "no position")]
    [InlineData(0x00200037, @"1\0\0\1\0\0", "perpendicular")]
    [InlineData(0x00200037, @"0\0\0\0\0\0", "perpendicular")]
    public void A_slice_without_a_position_is_refused(uint tag, string text, string says)
    {
        folder.WriteSlices("series/", new() { [tag] = text });
        Assert.Contains(says, DicomSamples.Refused(folder["series"]).What);
    }

    private double[][] WriteStack(string plane, bool backwards, string acquisition)
    {
        var (row, column) = Directions(plane);
        double[] normal =
        [
            row[1] * column[2] - row[2] * column[1],
            row[2] * column[0] - row[0] * column[2],
            row[0] * column[1] - row[1] * column[0],
        ];
        var positions = new double[Slices][];
        for (var k = 0; k < Slices; k++)
        {
            var depth = (backwards ? -k : k) * Thickness;
            double[] start = [-10.25, -7.3, 8.76];
            positions[k] = [.. start.Zip(normal, (s, n) => s + depth * n)];
            folder.Write(
                $"series/{k}.dcm",
                new DicomBytes
                {
                    Z = k,
                    Orientation = plane,
                    Texts = new()
                    {
                        [0x00180023] = acquisition,
                        [0x00200032] = Text(positions[k]),
                        [0x00280030] = @"0.5\0.4",
                    },
                }
            );
        }
        return positions;
    }

    // In LPS mm; the first pixel spacing is between rows, the second between columns.
    private static (double X, double Y, double Z) Place(
        string plane,
        double[] position,
        int column,
        int row
    )
    {
        var (along, down) = Directions(plane);
        double At(int axis) => position[axis] + along[axis] * 0.4 * column + down[axis] * 0.5 * row;
        return (At(0), At(1), At(2));
    }

    private static (double[] Row, double[] Column) Directions(string plane)
    {
        double[] six =
        [
            .. plane.Split('\\').Select(word => double.Parse(word, CultureInfo.InvariantCulture)),
        ];
        return (six[..3], six[3..]);
    }

    private static string Text(double[] numbers) =>
        string.Join(
            '\\',
            numbers.Select(number => number.ToString("0.######", CultureInfo.InvariantCulture))
        );
}
