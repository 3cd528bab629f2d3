using KneeSeg.Imaging;
using KneeSeg.Morphometry.Meshes;

namespace KneeSeg.Tests.Morphometry;

public sealed class SurfaceNetsTests
{
    private const double Radius = 9;

    // The second has its axes to the left, the back and the feet: a mirrored grid.
    public static TheoryData<double, double, double> Spacings =>
        new() { { .5, .5, .7 }, { -.4, -.6, -.5 } };

    [Theory]
    [MemberData(nameof(Spacings))]
    public void A_ball_is_closed_faces_outward_and_has_the_volume_of_its_voxels(
        double x,
        double y,
        double z
    )
    {
        var labels = Drawn(Affine.Diagonal(x, y, z), p => p.Length < Radius ? 3 : 0);
        var (label, ball) = Assert.Single(SurfaceNets.Of(labels));
        Assert.Equal(3, label);
        AssertClosed(ball);
        // Euler's number of a ball.
        Assert.Equal(2, ball.Points.Length - ball.Triangles.Length / 2);
        Assert.InRange(Volume(ball) / VoxelVolume(labels, 3), .99, 1.01);
        // Half a voxel, and a vertex is about where the ball ends.
        Assert.All(ball.Points, p => Assert.InRange(p.Length, Radius - .5, Radius + .5));
    }

    [Fact]
    public void Structures_that_touch_share_their_face()
    {
        var labels = Drawn(
            Affine.Diagonal(.5, .5, .5),
            p =>
                p.Length >= Radius ? 0
                : p.Z > 1 ? 1
                : 2
        );
        var bodies = SurfaceNets.Of(labels);
        Assert.Equal([1, 2], bodies.Keys.Select(label => (int)label).Order());
        foreach (var (label, body) in bodies)
        {
            AssertClosed(body);
            Assert.InRange(Volume(body) / VoxelVolume(labels, label), .98, 1.02);
        }
        var shared = bodies[1].Points.Intersect(bodies[2].Points).ToArray();
        Assert.InRange(shared.Length, 900, 1200);
        Assert.All(shared, p => Assert.InRange(p.Z, .7, 1.4));
    }

    [Fact]
    public void A_sheet_of_one_voxel_keeps_its_volume_up_to_the_rim()
    {
        var labels = Drawn(
            Affine.Diagonal(.5, .5, .5),
            p => Math.Abs(p.Z) < .2 && Math.Abs(p.X) < 8 && Math.Abs(p.Y) < 8 ? 1 : 0
        );
        var sheet = SurfaceNets.Of(labels)[1];
        AssertClosed(sheet);
        Assert.InRange(Volume(sheet) / VoxelVolume(labels, 1), .85, 1);
    }

    [Fact]
    public void Labels_without_a_structure_have_no_surface() =>
        Assert.Empty(SurfaceNets.Of(Drawn(Affine.Identity, _ => 0)));

    // Each side of a triangle is another triangle's, the other way around.
    internal static void AssertClosed(SurfaceMesh mesh)
    {
        var sides = mesh
            .Triangles.SelectMany(t => new[] { (t.A, t.B), (t.B, t.C), (t.C, t.A) })
            .CountBy(side => side)
            .ToDictionary();
        Assert.All(
            sides,
            side =>
                Assert.Equal(side.Value, sides.GetValueOrDefault((side.Key.Item2, side.Key.Item1)))
        );
    }

    // By the divergence theorem.
    internal static double Volume(SurfaceMesh mesh) =>
        mesh.Triangles.Sum(t =>
            Point3.Dot(mesh.Points[t.A], Point3.Cross(mesh.Points[t.B], mesh.Points[t.C])) / 6
        );

    private static double VoxelVolume(Volume<byte> labels, byte label) =>
        labels.Voxels.Count(l => l == label) * Math.Abs(labels.Grid.Affine.Determinant);

    private static Volume<byte> Drawn(Affine scale, Func<Point3, int> label)
    {
        var size = new Size3(52, 50, 44);
        var middle = scale.Apply(size.X / 2.0 - .3, size.Y / 2.0 - .4, size.Z / 2.0 - .1);
        var affine = Affine.FromColumns(scale.Step(0), scale.Step(1), scale.Step(2), -1 * middle);
        var voxels = new byte[size.Count];
        for (var (n, k) = (0, 0); k < size.Z; k++)
        for (var j = 0; j < size.Y; j++)
        for (var i = 0; i < size.X; i++, n++)
            voxels[n] = (byte)label(affine.Apply(i, j, k));
        return new(new Grid(size, affine), voxels);
    }
}
