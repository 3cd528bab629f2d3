using KneeSeg.Imaging;
using KneeSeg.Morphometry;
using KneeSeg.Morphometry.Meshes;

namespace KneeSeg.Tests.Morphometry;

/// <summary>Maps and meshes of a tibial plate: a tilted disc of 14 mm that is 2.4 mm thick and has a hole of 4 mm.</summary>
public sealed class PlateMapTests
{
    private const double Radius = 14;
    private const double Hole = 4;
    private const double Thickness = 2.4;

    private static readonly Point3 Up = Unit(new(.15, -.1, 1));
    private static readonly Volume<byte> Labels = Drawn();
    private static readonly Plate Plate = Knee.Of(
        Labels,
        ["background", "medial tibial cartilage"]
    )[1]!;

    [Fact]
    public void The_map_has_the_thickness_in_cartilage_and_marks_the_denuded_bone()
    {
        var map = PlateMap.Of(Labels, [(1, Plate)], _ => 7);
        Assert.Same(Labels.Grid, map.Thickness.Grid);
        for (var n = 0; n < Labels.Voxels.Length; n++)
            if (Labels.Voxels[n] == 1)
            {
                Assert.InRange(map.Thickness.Voxels[n], 0, Thickness + .8);
                Assert.Equal(7, map.Regions.Voxels[n]);
            }
            else
                Assert.Equal(0, map.Thickness.Voxels[n]);
        var inside = Enumerable.Range(0, Labels.Voxels.Length).Where(n => Labels.Voxels[n] == 1);
        Assert.InRange(
            inside.Average(n => map.Thickness.Voxels[n]),
            Thickness - .1,
            Thickness + .1
        );

        var bare = Places(map.Regions, PlateMap.Denuded).ToArray();
        // As many voxels as the hole's area has, and as a tilt adds.
        Assert.InRange(bare.Length * .36 / (Math.PI * Hole * Hole), .8, 1.4);
        Assert.All(bare, p => Assert.InRange(Point3.Dot(p, Up), -.7, .7));
        Assert.All(bare, p => Assert.InRange(FromAxis(p), 0, Hole + .7));
    }

    [Fact]
    public void The_mesh_faces_the_joint_and_has_area_and_thickness_of_the_plate()
    {
        var mesh = PlateMesh.Of(Plate, _ => 7);
        Assert.All(mesh.Triangles, t => Assert.True(Point3.Dot(Unit(Side(mesh, t)), Up) > .8));
        var area = mesh.Triangles.Sum(t => Side(mesh, t).Length / 2);
        Assert.InRange(area / (Math.PI * Radius * Radius), .93, 1.03);
        Assert.Equal(["thickness", "region", "area"], mesh.Values.Select(value => value.Name));
        var (thickness, areas) = (mesh.Values[0].Numbers, mesh.Values[2].Numbers);
        var mean = thickness.Zip(areas, (t, a) => t * a).Sum() / areas.Sum();
        Assert.Equal(Plate.Measure().Whole.Thickness!.Value, mean, .05);
        Assert.All(mesh.Values[1].Numbers, region => Assert.Equal(7, region));
    }

    private static Point3 Side(SurfaceMesh mesh, Triangle t) =>
        Point3.Cross(mesh.Points[t.B] - mesh.Points[t.A], mesh.Points[t.C] - mesh.Points[t.A]);

    private static IEnumerable<Point3> Places(Volume<byte> volume, byte value)
    {
        var size = volume.Grid.Size;
        for (var (n, k) = (0, 0); k < size.Z; k++)
        for (var j = 0; j < size.Y; j++)
        for (var i = 0; i < size.X; i++, n++)
            if (volume.Voxels[n] == value)
                yield return volume.Grid.Affine.Apply(i, j, k);
    }

    private static Volume<byte> Drawn()
    {
        var size = new Size3(54, 54, 24);
        var affine = new Affine(.6, 0, 0, -16.1, 0, .6, 0, -15.8, 0, 0, .6, -5.9);
        var voxels = new byte[size.Count];
        for (var (n, k) = (0, 0); k < size.Z; k++)
        for (var j = 0; j < size.Y; j++)
        for (var i = 0; i < size.X; i++, n++)
        {
            var p = affine.Apply(i, j, k);
            var height = Point3.Dot(p, Up);
            if (height is > 0 and < Thickness && FromAxis(p) is > Hole and < Radius)
                voxels[n] = 1;
        }
        return new(new Grid(size, affine), voxels);
    }

    private static double FromAxis(Point3 p) => (p - Point3.Dot(p, Up) * Up).Length;

    private static Point3 Unit(Point3 p) => 1 / p.Length * p;
}
