using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Morphometry;
using KneeSeg.Morphometry.Meshes;
using KneeSeg.Tests.Imaging;

namespace KneeSeg.Tests.Morphometry;

/// <summary>
/// Maps and meshes of two tibial plates: tilted discs of 14 mm, 2.4 mm thick and 34 mm apart, the medial one with a hole of 4 mm.
/// </summary>
public sealed class PlateMapTests
{
    private const double Radius = 14;
    private const double Hole = 4;
    private const double Thickness = 2.4;

    private static readonly Point3 Up = Unit(new(.15, -.1, 1));
    private static readonly Point3 Lateral = new(34, 0, -34 * Up.X / Up.Z);
    private static readonly Volume<byte> Labels = Drawn();
    private static readonly string[] Names =
    [
        "background",
        "medial tibial cartilage",
        "lateral tibial cartilage",
    ];

    private static readonly Knee Measured = Knee.Of(Labels, Names);

    [Fact]
    public void The_map_has_the_thickness_in_cartilage_and_marks_the_denuded_bone()
    {
        var map = PlateMap.Of(Labels, Measured);
        Assert.Same(Labels.Grid, map.Thickness.Grid);
        for (var n = 0; n < Labels.Voxels.Length; n++)
            if (Labels.Voxels[n] > 0)
                Assert.InRange(map.Thickness.Voxels[n], 0, Thickness + .8);
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

    [Theory]
    [InlineData(0, 0, "cLT")]
    [InlineData(-9, 0, "iLT")]
    [InlineData(9, 0, "eLT")]
    [InlineData(0, 9, "aLT")]
    [InlineData(0, -9, "pLT")]
    public void The_map_numbers_the_regions(double right, double anterior, string region)
    {
        var regions = PlateMap.Of(Labels, Measured).Regions;
        var at = Labels
            .Grid.Affine.Inverse()
            .Apply(
                Lateral
                    + new Point3(right, anterior, 0)
                    + .5 * Thickness * Up
                    - Slope(right, anterior)
            );
        var size = regions.Grid.Size;
        var voxel =
            (int)Math.Round(at.X)
            + size.X * ((int)Math.Round(at.Y) + size.Y * (int)Math.Round(at.Z));
        Assert.Equal(2, Labels.Voxels[voxel]);
        Assert.Equal(region, RegionNumbers.Names[regions.Voxels[voxel]]);
    }

    [Fact]
    public void Files_are_named_by_case_and_structure()
    {
        using var folder = new TemporaryFolder();
        MorphometryFiles.WriteMaps(folder["maps"], "knee", Labels, Measured);
        MorphometryFiles.WriteMeshes(
            folder["meshes"],
            "knee",
            Labels,
            Names,
            Measured,
            MeshFormat.Stl
        );
        Assert.Equal(
            ["knee_regions.nii.gz", "knee_thickness.nii.gz", "labels.ctbl", "labels.txt"],
            Files("maps")
        );
        Assert.Equal(
            [
                "knee_lateral-tibial-cartilage.stl",
                "knee_lateral-tibial-cartilage_bone.stl",
                "knee_medial-tibial-cartilage.stl",
                "knee_medial-tibial-cartilage_bone.stl",
            ],
            Files("meshes")
        );
        var map = VolumeFile.ReadImage(Path.Combine(folder["maps"], "knee_thickness.nii.gz"));
        Assert.Equal(PlateMap.Of(Labels, Measured).Thickness.Voxels, map.Voxels);

        IEnumerable<string> Files(string of) =>
            Directory
                .GetFiles(folder[of])
                .Select(path => Path.GetFileName(path))
                .Order(StringComparer.Ordinal);
    }

    [Fact]
    public void The_mesh_faces_the_joint_and_has_area_and_thickness_of_the_plate()
    {
        var plate = Measured[1]!;
        var mesh = PlateMesh.Of(plate);
        Assert.All(mesh.Triangles, t => Assert.True(Point3.Dot(Unit(Side(mesh, t)), Up) > .8));
        var area = mesh.Triangles.Sum(t => Side(mesh, t).Length / 2);
        Assert.InRange(area / (Math.PI * Radius * Radius), .93, 1.03);
        Assert.Equal(["thickness", "region", "area"], mesh.Values.Select(value => value.Name));
        var (thickness, areas) = (mesh.Values[0].Numbers, mesh.Values[2].Numbers);
        var mean = thickness.Zip(areas, (t, a) => t * a).Sum() / areas.Sum();
        Assert.Equal(plate.Measure().Whole.Thickness!.Value, mean, .05);
        Assert.Equal([1, 2, 3, 4, 5], mesh.Values[1].Numbers.Distinct().Order());
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
        var size = new Size3(112, 54, 36);
        var affine = new Affine(.6, 0, 0, -16.1, 0, .6, 0, -15.8, 0, 0, .6, -10.9);
        var voxels = new byte[size.Count];
        for (var (n, k) = (0, 0); k < size.Z; k++)
        for (var j = 0; j < size.Y; j++)
        for (var i = 0; i < size.X; i++, n++)
        {
            var p = affine.Apply(i, j, k);
            if (Point3.Dot(p, Up) is not (> 0 and < Thickness))
                continue;
            if (FromAxis(p) is > Hole and < Radius)
                voxels[n] = 1;
            else if (FromAxis(p - Lateral) < Radius)
                voxels[n] = 2;
        }
        return new(new Grid(size, affine), voxels);
    }

    // How far the plane of both is below a place beside a disc's middle.
    private static Point3 Slope(double right, double anterior) =>
        new(0, 0, (right * Up.X + anterior * Up.Y) / Up.Z);

    private static double FromAxis(Point3 p) => (p - Point3.Dot(p, Up) * Up).Length;

    private static Point3 Unit(Point3 p) => 1 / p.Length * p;
}
