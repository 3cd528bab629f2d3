using FsCheck.Xunit;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Resampling;

namespace KneeSeg.Tests.Imaging;

[Properties(Arbitrary = [typeof(Volumes)], MaxTest = 40)]
public class CubicTests
{
    [Property]
    public bool Resampling_to_the_own_grid_or_a_turned_one_changes_no_voxel(Grid grid)
    {
        var image = Image(grid, p => (float)(Math.Sin(p.X) + p.Y * p.Z));
        var turned = Orientation.ToModel(image);
        return Resampler.Cubic(image, grid, -1).Voxels.SequenceEqual(image.Voxels)
            && Resampler.Cubic(image, turned.Grid, -1).Voxels.SequenceEqual(turned.Voxels);
    }

    [Property]
    public bool Mirroring_before_is_mirroring_after(Grid grid, bool oblique)
    {
        // Two voxels and more: the spline of one is flat, and that is the same anyway.
        var spacing = grid.Spacing;
        var target = grid.WithSpacing(new(0.7 * spacing.X, 1.3 * spacing.Y, 0.9 * spacing.Z));
        if (oblique)
            target = Volumes.Turned(target, 7, 11, default);
        AxisOrder mirror = new(new(0, true), new(1, false), new(2, false));
        var image = Image(grid, p => (float)(Math.Sin(p.X) + Math.Cos(p.Y) - p.Z));
        var before = Resampler.Cubic(mirror.Apply(image), target, -1).Voxels;
        var after = Resampler.Cubic(image, target, -1).Voxels;
        return before.Zip(after).All(pair => Math.Abs(pair.First - pair.Second) < 1e-2);
    }

    [Fact]
    public void A_cubic_polynomial_is_met_exactly_far_from_the_edges()
    {
        var grid = Grid.Centered(new(40, 40, 40), new(1, 1, 1), "RAS");
        double Cubic(Point3 p)
        {
            var (x, y, z) = (p.X / 10, p.Y / 10, p.Z / 10);
            return x * x * x - 2 * x * y * z + y * y - z + 0.5;
        }
        var image = Image(grid, p => (float)Cubic(p));
        foreach (var target in Targets())
        {
            var read = Resampler.Cubic(image, target, float.NaN);
            foreach (var (place, value) in ResamplerTests.Points(target).Zip(read.Voxels))
                Assert.Equal(Cubic(place), value, 2e-4);
        }

        static Grid[] Targets()
        {
            var fine = Grid.Centered(new(9, 7, 8), new(0.6, 0.7, 0.35), "PIR");
            return [fine, Volumes.Turned(fine, 20, 30, default)];
        }
    }

    [Fact]
    public void Values_are_those_of_scipy()
    {
        // scipy 1.10: numpy.round(scipy.ndimage.zoom([0, 1, 4, 2, 7, 3], 11 / 6, order=3, mode="mirror"), 5)
        double[] expected = [0, 0.10526, 1, 2.97368, 4, 2.625, 2, 4.77632, 7, 5.01974, 3];
        var line = Grid.Centered(new(6, 1, 1), new(2, 1, 1), "RAS");
        var target = Grid.Centered(new(11, 1, 1), new(1, 1, 1), "RAS");
        var read = Resampler.Cubic(new(line, [0, 1, 4, 2, 7, 3]), target, -1).Voxels;
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], read[i], 1e-4);
    }

    [Fact]
    public void Beyond_the_field_of_view_is_the_given_value()
    {
        var grid = Grid.Centered(new(4, 4, 4), new(1, 1, 1), "RAS");
        var wide = Grid.Centered(new(8, 4, 4), new(1, 1, 1), "RAS");
        var read = Resampler.Cubic(Image(grid, _ => 5), wide, -3);
        Assert.Equal([-3, -3, 5, 5, 5, 5, -3, -3], read.Voxels[..8]);
    }

    private static Volume<float> Image(Grid grid, Func<Point3, float> value) =>
        new(grid, [.. ResamplerTests.Points(grid).Select(value)]);
}
