using FsCheck.Xunit;
using KneeSeg.Imaging;

namespace KneeSeg.Tests.Imaging;

[Properties(Arbitrary = [typeof(Volumes)])]
public class OrientationTests
{
    [Fact]
    public void Every_order_and_flip_of_axes_reads_back_its_codes()
    {
        Assert.Equal(48, Volumes.AllCodes.Distinct().Count());
        foreach (var codes in Volumes.AllCodes)
            Assert.Equal(
                codes,
                AxisOrder.Codes(Grid.Centered(new(2, 3, 4), new(0.5, 0.7, 2), codes).Affine)
            );
    }

    [Fact]
    public void Model_orientation_runs_to_posterior_inferior_right_from_any_other()
    {
        foreach (var codes in Volumes.AllCodes)
        {
            var volume = Volumes.Counting(Grid.Centered(new(3, 4, 5), new(1, 2, 3), codes));
            Assert.Equal("PIR", AxisOrder.Codes(Orientation.ToModel(volume).Grid.Affine));
        }
    }

    [Property]
    public bool Turning_to_model_orientation_and_back_changes_no_voxel_and_no_place(Grid grid)
    {
        var volume = Volumes.Counting(grid);
        var back = Orientation.FromModel(Orientation.ToModel(volume), grid);
        return back.Grid == grid && back.Voxels.SequenceEqual(volume.Voxels);
    }

    [Property]
    public bool Turning_leaves_every_voxel_at_its_place(Grid grid)
    {
        var volume = Volumes.Counting(grid);
        var turned = Orientation.ToModel(volume);
        var toIndex = grid.Affine.Inverse();
        for (var n = 0; n < turned.Voxels.Length; n++)
        {
            var (x, y) = (turned.Grid.Size.X, turned.Grid.Size.Y);
            var index = toIndex.Apply(turned.Grid.Affine.Apply(n % x, n / x % y, n / x / y));
            var (i, j, k) = (
                (int)Math.Round(index.X),
                (int)Math.Round(index.Y),
                (int)Math.Round(index.Z)
            );
            if (volume.Voxels[i + grid.Size.X * (j + grid.Size.Y * k)] != turned.Voxels[n])
                return false;
        }
        return true;
    }

    [Fact]
    public void A_volume_larger_than_a_tile_is_turned_as_a_whole()
    {
        var grid = Grid.Centered(new(70, 5, 67), new(1, 1, 1), "RAS");
        var volume = Volumes.Counting(grid);
        var turned = Orientation.ToModel(volume);
        // Posterior is 5 long, inferior 67, right 70.
        Assert.Equal(new Size3(5, 67, 70), turned.Grid.Size);
        for (var d = 0; d < 70; d++)
        for (var h = 0; h < 67; h++)
        for (var w = 0; w < 5; w++)
            Assert.Equal(
                volume.Voxels[d + 70 * (4 - w + 5 * (66 - h))],
                turned.Voxels[w + 5 * (h + 67 * d)]
            );
    }
}
