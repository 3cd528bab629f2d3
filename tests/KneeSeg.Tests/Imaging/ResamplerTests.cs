using FsCheck.Xunit;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Resampling;

namespace KneeSeg.Tests.Imaging;

[Properties(Arbitrary = [typeof(Volumes)], MaxTest = 60)]
public class ResamplerTests
{
    [Property]
    public bool Resampling_to_the_own_grid_changes_nothing(Grid grid)
    {
        var image = Image(grid, p => Math.Sin(p.X) + p.Y * p.Z);
        var labels = new Volume<byte>(
            grid,
            [.. Volumes.Counting(grid).Voxels.Select(v => (byte)v)]
        );
        return Resampler.Linear(image, grid, -1).Voxels.SequenceEqual(image.Voxels)
            && Resampler.Nearest(labels, grid).Voxels.SequenceEqual(labels.Voxels);
    }

    [Property]
    public bool Resampling_to_a_turned_grid_is_turning(Grid grid)
    {
        var image = Image(grid, p => Math.Sin(p.X) + p.Y * p.Z);
        var turned = Orientation.ToModel(image);
        var resampled = Resampler.Linear(image, turned.Grid, -1);
        return resampled.Grid == turned.Grid && resampled.Voxels.SequenceEqual(turned.Voxels);
    }

    [Property]
    public bool A_linear_ramp_is_met_exactly_wherever_it_is_sampled_within(Grid grid, Grid other)
    {
        static double Ramp(Point3 p) => 3 + 0.5 * p.X - 0.25 * p.Y + 2 * p.Z;
        var target = new Grid(other.Size, other.Affine.WithOrigin(default));
        target = target with { Affine = target.Affine.WithOrigin(grid.Center - target.Center) };
        var read = Resampler.Linear(Image(grid, Ramp), target, float.NaN);
        var toIndex = grid.Affine.Inverse();
        return Points(target)
            .Zip(read.Voxels)
            .All(sample =>
            {
                var index = toIndex.Apply(sample.First);
                return Enumerable
                        .Range(0, 3)
                        .All(axis => index[axis] >= 0 && index[axis] <= grid.Size[axis] - 1)
                        ? Math.Abs(sample.Second - Ramp(sample.First)) < 1e-3
                    : Enumerable
                        .Range(0, 3)
                        .All(axis => index[axis] > -0.49 && index[axis] < grid.Size[axis] - 0.51)
                        ? !float.IsNaN(sample.Second)
                    : Enumerable
                        .Range(0, 3)
                        .Any(axis => index[axis] < -0.51 || index[axis] > grid.Size[axis] - 0.49)
                        ? float.IsNaN(sample.Second)
                    : true;
            });
    }

    [Property]
    public bool Labels_by_most_weight_are_labels_that_were_there_and_keep_their_own_grid(Grid grid)
    {
        byte[] some = [0, 3, 3, 7];
        var labels = new Volume<byte>(
            grid,
            [.. Volumes.Counting(grid).Voxels.Select(v => some[v % 4])]
        );
        var spacing = grid.Spacing;
        var fine = grid.WithSpacing(new(0.6 * spacing.X, 0.7 * spacing.Y, 0.8 * spacing.Z));
        return Resampler.OneHotLinear(labels, grid).Voxels.SequenceEqual(labels.Voxels)
            && Resampler.OneHotLinear(labels, fine).Voxels.All(label => some.Contains(label));
    }

    [Fact]
    public void A_border_by_most_weight_lies_half_way()
    {
        var line = Grid.Centered(new(4, 1, 1), new(4, 1, 1), "RAS");
        var fine = Grid.Centered(new(16, 1, 1), new(1, 1, 1), "RAS");
        var read = Resampler.OneHotLinear(new(line, [0, 5, 5, 2]), fine).Voxels;
        Assert.Equal([0, 0, 0, 0, 5, 5, 5, 5, 5, 5, 5, 5, 2, 2, 2, 2], read);
    }

    [Property]
    public bool Labels_go_to_a_finer_grid_and_back_unchanged(Grid grid)
    {
        var labels = new Volume<byte>(
            grid,
            [.. Volumes.Counting(grid).Voxels.Select(v => (byte)v)]
        );
        var spacing = grid.Spacing;
        var finer = grid.WithSpacing(new(spacing.X / 3, spacing.Y / 2, spacing.Z / 5));
        return Resampler
            .Nearest(Resampler.Nearest(labels, finer), grid)
            .Voxels.SequenceEqual(labels.Voxels);
    }

    [Property]
    public bool Maps_that_come_in_slabs_are_resampled_as_whole_ones(
        Grid grid,
        Grid other,
        byte thickness
    )
    {
        var target = other with { Affine = other.Affine.WithOrigin(grid.Affine.Origin) };
        Volume<float>[] maps =
        [
            Image(grid, p => Math.Sin(p.X)),
            Image(grid, p => Math.Cos(p.Y + p.X) - p.Z),
        ];
        var resampler = new SliceRangeResampler(grid, target);
        var slices = resampler
            .Slices(Slabs(maps, 1 + thickness % 4), [-9, -8])
            .Select(slice => slice.Select(map => map.ToArray()).ToArray())
            .ToArray();
        return maps.Select(
                (map, label) =>
                    resampler
                        .Turned(slices.SelectMany(slice => slice[label]).ToArray())
                        .Voxels.SequenceEqual(Resampler.Linear(map, target, label - 9).Voxels)
            )
            .All(isSame => isSame);
    }

    // Each slab in the memory of the one before, as windows give them.
    private static IEnumerable<SliceRange> Slabs(Volume<float>[] maps, int thickness)
    {
        var size = maps[0].Grid.Size;
        var plane = size.X * size.Y;
        var memory = maps.Select(_ => new float[thickness * plane]).ToArray();
        for (var k = 0; k < size.Z; k += thickness)
        {
            var count = Math.Min(thickness, size.Z - k);
            for (var label = 0; label < maps.Length; label++)
                maps[label].Voxels.AsSpan(k * plane, count * plane).CopyTo(memory[label]);
            yield return new(k, count, [.. memory.Select(map => (ReadOnlyMemory<float>)map)]);
            foreach (var map in memory)
                Array.Fill(map, float.NaN);
        }
    }

    [Fact]
    public void Trilinear_weights_are_those_of_the_eight_neighbors()
    {
        // scipy.ndimage.map_coordinates(np.arange(8).reshape(2, 2, 2)**2, [[.25], [.5], [.75]], order=1) with the last axis first
        var grid = new Grid(new(2, 2, 2), Affine.Identity);
        var image = new Volume<float>(grid, [0, 1, 4, 9, 16, 25, 36, 49]);
        var target = new Grid(new(1, 1, 1), Affine.Identity.WithOrigin(new(0.75, 0.5, 0.25)));
        Assert.Equal(11.75f, Resampler.Linear(image, target, 0).Voxels[0], 1e-5);
    }

    private static Volume<float> Image(Grid grid, Func<Point3, double> value) =>
        new(grid, [.. Points(grid).Select(place => (float)value(place))]);

    internal static IEnumerable<Point3> Points(Grid grid) =>
        from k in Enumerable.Range(0, grid.Size.Z)
        from j in Enumerable.Range(0, grid.Size.Y)
        from i in Enumerable.Range(0, grid.Size.X)
        select grid.Affine.Apply(i, j, k);
}
