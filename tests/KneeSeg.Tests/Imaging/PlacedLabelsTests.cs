using FsCheck.Xunit;
using KneeSeg.Imaging;

namespace KneeSeg.Tests.Imaging;

public sealed class PlacedLabelsTests
{
    [Property(Arbitrary = [typeof(Volumes)], MaxTest = 20)]
    public bool Labels_in_any_of_the_48_orders_come_back_voxel_by_voxel(Grid grid)
    {
        var labels = Labels(grid);
        return Volumes.AllCodes.All(codes =>
        {
            // By the place of each voxel in space, so that no code of the product's own says what is right.
            var other = AxisOrder.Towards(grid.Affine, codes).Apply(grid);
            var turned = new Volume<byte>(other, new byte[other.Size.Count]);
            var back = grid.Affine.Inverse();
            ForEach(
                other.Size,
                (at, i, j, k) =>
                {
                    var index = back.Apply(other.Affine.Apply(i, j, k));
                    var (x, y, z) = (Whole(index.X), Whole(index.Y), Whole(index.Z));
                    turned.Voxels[at] = labels.Voxels[x + grid.Size.X * (y + grid.Size.Y * z)];
                }
            );
            var placed = PlacedLabels.On(grid, turned);
            return placed.Labels!.Grid == grid && placed.Labels.Voxels.SequenceEqual(labels.Voxels);
        });
    }

    [Fact]
    public void Labels_on_the_same_grid_are_not_copied_and_not_reported()
    {
        var labels = Labels(Grid.Centered(new(3, 4, 5), new(1, 2, 3), "PIR"));
        var placed = PlacedLabels.On(labels.Grid, labels);
        Assert.Same(labels.Voxels, placed.Labels!.Voxels);
        Assert.Null(placed.Note);
    }

    [Fact]
    public void Reoriented_labels_are_reported()
    {
        var grid = Grid.Centered(new(3, 4, 5), new(1, 2, 3), "PIR");
        Assert.Equal(
            "its axes are RAS instead of PIR; reoriented without resampling",
            PlacedLabels.On(grid, AxisOrder.Towards(grid.Affine, "RAS").Apply(Labels(grid))).Note
        );
    }

    [Theory]
    [InlineData(0.3, "is 0.3 mm away at its farthest corner")]
    [InlineData(30, "is 30 mm away at its farthest corner")]
    public void Another_lattice_is_refused_turned_or_not(double moved, string difference)
    {
        var grid = Grid.Centered(new(3, 4, 5), new(1, 2, 3), "PIR");
        var labels = AxisOrder.Towards(grid.Affine, "RAS").Apply(Labels(grid));
        var (origin, affine) = (labels.Grid.Affine.Origin, labels.Grid.Affine);
        var away = affine.WithOrigin(origin + new Point3(moved, 0, 0));
        var placed = PlacedLabels.On(
            grid,
            labels with
            {
                Grid = labels.Grid with { Affine = away },
            }
        );
        Assert.Null(placed.Labels);
        Assert.Equal(difference, placed.Difference);
    }

    [Fact]
    public void A_part_that_is_not_a_segmentation_is_refused()
    {
        var grid = Grid.Centered(new(3, 4, 5), new(1, 2, 3), "PIR");
        Assert.Equal(
            "has 3×4×3 voxels, not 3×4×5",
            PlacedLabels.On(grid, Labels(grid.Part(new(3, 4, 3), 0, 0, 1))).Difference
        );
    }

    private static int Whole(double number) => (int)Math.Round(number);

    private static Volume<byte> Labels(Grid grid) =>
        new(grid, [.. Enumerable.Range(0, (int)grid.Size.Count).Select(i => (byte)(i * 7))]);

    private static void ForEach(Size3 size, Action<int, int, int, int> visit)
    {
        var at = 0;
        for (var k = 0; k < size.Z; k++)
        for (var j = 0; j < size.Y; j++)
        for (var i = 0; i < size.X; i++)
            visit(at++, i, j, k);
    }
}
