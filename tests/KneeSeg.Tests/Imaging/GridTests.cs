using FsCheck.Xunit;
using KneeSeg.Imaging;

namespace KneeSeg.Tests.Imaging;

[Properties(Arbitrary = [typeof(Volumes)])]
public class GridTests
{
    [Property]
    public bool An_affine_and_its_inverse_cancel(Grid grid)
    {
        var product = grid.Affine.Inverse() * grid.Affine;
        return new Grid(grid.Size, product).FarthestCorner(Affine.Identity) < 1e-9;
    }

    [Property]
    public bool Turning_in_space_keeps_spacing_and_right_angles(Grid grid) =>
        grid.Affine.ShearDegrees < 1e-5 && grid.Affine.IsInvertible;

    [Property]
    public bool Another_spacing_covers_the_same_field_of_view(Grid grid)
    {
        var spacing = new Spacing3(0.5, 1.1, 1.9);
        var other = grid.WithSpacing(spacing);
        var apart = other.Center - grid.Center;
        return apart.Length < 1e-9
            && Enumerable
                .Range(0, 3)
                .All(axis => Math.Abs(other.Spacing[axis] - spacing[axis]) < 1e-12)
            && Enumerable
                .Range(0, 3)
                .All(axis =>
                    other.Size[axis] == 1
                    || Math.Abs(
                        other.Size[axis] * spacing[axis] - grid.Size[axis] * grid.Spacing[axis]
                    )
                        <= spacing[axis] / 2 + 1e-9
                );
    }

    [Fact]
    public void A_grid_moved_by_a_third_of_a_voxel_is_another_and_says_how_far()
    {
        var grid = Grid.Centered(new(10, 10, 10), new(1, 1, 1), "RAS");
        var moved = grid with
        {
            Affine = grid.Affine.WithOrigin(grid.Affine.Origin + new Point3(0, 0.3, 0)),
        };
        Assert.Equal("is 0.3 mm away at its farthest corner", grid.Difference(moved));
        Assert.False(grid.SameAs(moved));
    }

    [Fact]
    public void A_grid_of_another_shape_says_both()
    {
        var grid = Grid.Centered(new(10, 10, 10), new(1, 1, 1), "RAS");
        Assert.Equal(
            "has 10×10×9 voxels, not 10×10×10",
            grid.Difference(Grid.Centered(new(10, 10, 9), new(1, 1, 1), "RAS"))
        );
    }

    [Fact]
    public void Rounding_to_float32_leaves_a_grid_the_same()
    {
        var grid = Volumes.Turned(
            Grid.Centered(new(384, 384, 160), new(0.365, 0.365, 0.7), "IPR"),
            12.3,
            -7.7,
            new(31.3, -80.9, 411.7)
        );
        var a = grid.Affine;
        Point3 Rounded(Point3 p) => new((float)p.X, (float)p.Y, (float)p.Z);
        var rounded = Affine.FromColumns(
            Rounded(a.Step(0)),
            Rounded(a.Step(1)),
            Rounded(a.Step(2)),
            Rounded(a.Origin)
        );
        Assert.True(grid.SameAs(grid with { Affine = rounded }));
    }

    [Fact]
    public void Shear_is_the_angle_off_right_angles() =>
        Assert.Equal(
            45,
            Affine.FromColumns(new(1, 0, 0), new(1, 1, 0), new(0, 0, 1), default).ShearDegrees,
            1e-9
        );

    [Fact]
    public void Axes_in_one_plane_have_no_inverse() =>
        Assert.False(
            Affine.FromColumns(new(1, 0, 0), new(1, 1, 0), new(2, 1, 0), default).IsInvertible
        );
}
