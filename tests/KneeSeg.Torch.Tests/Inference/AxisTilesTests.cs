using FsCheck.Xunit;
using KneeSeg.Inference.Tiling;

namespace KneeSeg.Torch.Tests.Inference;

public sealed class AxisTilesTests
{
    [Property]
    public void Each_voxel_is_shared_out_wholly(byte voxels, byte window, byte percent)
    {
        var size = voxels % 90 + 1;
        var tiles = AxisTiles.Overlapping(size, window % 40 + 1, percent % 100 / 100.0);

        var sums = new double[size];
        foreach (var tile in tiles.Tiles)
            for (var i = 0; i < tile.Weights.Length; i++)
                sums[tile.OutputOffset + i] += tile.Weights[i];
        Assert.All(sums, sum => Assert.Equal(1, sum, 1e-5));
    }

    [Theory]
    [InlineData(96, 64)]
    [InlineData(97, 32)]
    [InlineData(33, 32)]
    public void Windows_overlap_by_half_or_more_and_reach_both_ends(int size, int window)
    {
        var starts = AxisTiles
            .Overlapping(size, window, 0.5)
            .Tiles.Select(tile => tile.InputOffset)
            .ToArray();

        Assert.Equal(0, starts[0]);
        Assert.Equal(size - window, starts[^1]);
        Assert.All(
            starts.Zip(starts.Skip(1)),
            pair => Assert.InRange(pair.Second - pair.First, 1, window / 2)
        );
    }

    [Fact]
    public void A_volume_smaller_than_the_window_lies_in_its_middle()
    {
        var tile = Assert.Single(AxisTiles.Overlapping(5, 11, 0.5).Tiles);

        Assert.Equal(-3, tile.InputOffset);
    }

    [Fact]
    public void A_window_counts_most_in_its_middle()
    {
        var shares = AxisTiles.Overlapping(48, 16, 0.5).Tiles[2].Weights;

        Assert.True(shares[8] > 0.9);
        Assert.True(shares[0] < 0.05);
        Assert.Equal(shares[..8], shares[8..].Reverse(), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Positions_go_from_minus_one_to_one()
    {
        var tiles = AxisTiles.Overlapping(64, 32, 0.5);

        Assert.Equal([-1f, 0f, 1f], tiles.Tiles.Select(tile => tile.Position));
    }

    [Fact]
    public void A_window_that_fills_the_axis_is_at_zero()
    {
        var tiles = AxisTiles.Overlapping(32, 32, 0.5);

        Assert.Equal(0, tiles.Tiles[0].Position);
    }

    [Fact]
    public void Each_slice_has_a_window_around_it()
    {
        var tiles = AxisTiles.PerSlice(4, 3);

        Assert.Equal(
            [(-1, 0), (0, 1), (1, 2), (2, 3)],
            tiles.Tiles.Select(tile => (tile.InputOffset, tile.OutputOffset))
        );
        Assert.Equal([-1f, -1f, 1f, 1f], tiles.Tiles.Select(tile => tile.Position));
    }

    [Property]
    public void Exact_tiles_see_their_reach_or_the_wholes_own_border(
        byte voxels,
        byte multiple,
        byte reach
    )
    {
        var (size, step) = (voxels % 90 + 1, multiple % 8 + 1);
        AxisMargins axis = new(step, reach % 4 * step, reach % 3 * step);
        var whole = axis.Whole(size);
        var first = (size - whole) / 2;

        var tiles = AxisTiles.Exact(size, axis, core: 2 * step).Tiles;

        Assert.Equal(
            Enumerable.Range(0, size),
            tiles.SelectMany(tile => tile.Weights.Select((_, i) => tile.OutputOffset + i))
        );
        Assert.All(
            tiles,
            tile =>
            {
                var (end, last) = (
                    tile.InputOffset + tile.Length,
                    tile.OutputOffset + tile.Weights.Length
                );
                Assert.Equal(tile.OutputOffset - tile.InputOffset, tile.Skip);
                Assert.Equal((0, 0), ((tile.InputOffset - first) % step, tile.Length % step));
                Assert.True(
                    tile.InputOffset == first || tile.OutputOffset - tile.InputOffset >= axis.Before
                );
                Assert.True(end == first + whole || end - last >= axis.After);
            }
        );
    }
}
