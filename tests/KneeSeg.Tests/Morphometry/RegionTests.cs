using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Phantoms;
using KneeSeg.Imaging;
using KneeSeg.Morphometry;

namespace KneeSeg.Tests.Morphometry;

public sealed class RegionTests
{
    private static readonly LabelSchema Profile = LabelSchema.Find("iwoai")!;
    private static readonly Volume<byte> Labels = Phantom
        .Create(seed: 3, new ModelSize(40, 80, 80))
        .Labels;

    private static readonly Knee Right = Knee.Of(Labels, Profile.Labels);

    private static PlateMorphometry Of(Knee knee, string structure) =>
        knee.Measure(Profile.Labels.Index().Single(label => label.Item == structure).Index)!;

    [Theory]
    [InlineData("medial tibial cartilage", "cMT eMT iMT aMT pMT")]
    [InlineData("lateral tibial cartilage", "cLT eLT iLT aLT pLT")]
    [InlineData("femoral cartilage", "ecMF ccMF icMF aMF pMF ecLF ccLF icLF aLF pLF")]
    [InlineData(
        "patellar cartilage",
        "medial superior, medial central, medial inferior, lateral superior, lateral central, lateral inferior"
    )]
    public void Regions_add_up_to_their_plate(string structure, string names)
    {
        var regions = Of(Right, structure).Regions;
        var (whole, parts) = (regions[0], regions.Skip(1).ToArray());

        Assert.Equal("whole", whole.Region);
        Assert.Equal(
            names.Split(names.Contains(',') ? ", " : " "),
            parts.Select(part => part.Region)
        );
        Assert.Equal(whole.TotalArea, parts.Sum(part => part.TotalArea), 1e-9);
        Assert.Equal(whole.CoveredArea, parts.Sum(part => part.CoveredArea), 1e-9);
        Assert.Equal(whole.DenudedArea, parts.Sum(part => part.DenudedArea), 1e-9);
        Assert.Equal(whole.Volume, parts.Sum(part => part.Volume), 1e-9);
        Assert.All(parts, part => Assert.True(part.TotalArea > 0, part.Region));
    }

    [Theory]
    [InlineData("medial tibial cartilage", 1)]
    [InlineData("lateral tibial cartilage", -1)]
    public void A_tibial_plate_is_cut_around_its_center(string structure, int external)
    {
        var label = Profile.Labels.Index().Single(one => one.Item == structure).Index;
        var plate = Right[label]!;
        Point3 Middle(IReadOnlyList<PlateCell> cells) =>
            cells.Aggregate(
                default(Point3),
                (sum, cell) => sum + 1.0 / cells.Count * cell.Position
            );
        var code = structure.StartsWith('m') ? "MT" : "LT";
        Point3 At(string part) => Middle(plate.CellsOf(part + code)) - Middle(plate.Cells);
        var side = Math.Sign(Middle(Right[2]!.Cells).X - Middle(Right[3]!.Cells).X);

        var areas = Of(Right, structure).Regions;

        Assert.InRange(areas[1].TotalArea / areas[0].TotalArea, 0.19, 0.21);
        Assert.InRange(At("c").Length, 0, 2);
        Assert.True(At("e").X * side * external > 3);
        Assert.True(At("i").X * side * external < -3);
        Assert.True(At("a").Y > 3 && At("p").Y < -3);
    }

    [Fact]
    public void The_weight_bearing_femur_is_cut_into_thirds_of_equal_area()
    {
        var regions = Of(Right, "femoral cartilage").Regions.ToDictionary(one => one.Region);

        foreach (var side in new[] { "M", "L" })
        {
            var third = regions[$"cc{side}F"].TotalArea;
            Assert.InRange(regions[$"ec{side}F"].TotalArea / third, 0.95, 1.05);
            Assert.InRange(regions[$"ic{side}F"].TotalArea / third, 0.95, 1.05);
        }
    }

    [Fact]
    public void Compartments_are_sums_of_tibia_and_femur()
    {
        var sums = Right.Composites().ToDictionary(one => one.Region);
        var tibia = Of(Right, "medial tibial cartilage").Regions;
        var femur = Of(Right, "femoral cartilage").Regions;

        Assert.Equal(["cMF", "MFTC", "cMFTC", "cLF", "LFTC", "cLFTC"], sums.Keys);
        Assert.Equal(
            tibia[0].Thickness!.Value + sums["cMF"].Thickness!.Value,
            sums["MFTC"].Thickness!.Value,
            1e-9
        );
        Assert.Equal(
            femur.Where(one => one.Region is "ecMF" or "ccMF" or "icMF").Sum(one => one.Volume),
            sums["cMF"].Volume,
            1e-9
        );
    }

    [Fact]
    public void A_left_knee_has_the_measures_of_its_mirrored_right_one_in_every_region()
    {
        static Point3 Mirror(Point3 p) => new(-p.X, p.Y, p.Z);
        var affine = Labels.Grid.Affine;
        // The same voxels, counted from the other side of the body.
        var mirrored = new Volume<byte>(
            Labels.Grid with
            {
                Affine = Affine.FromColumns(
                    Mirror(affine.Step(0)),
                    Mirror(affine.Step(1)),
                    Mirror(affine.Step(2)),
                    Mirror(affine.Origin)
                ),
            },
            Labels.Voxels
        );

        var left = Knee.Of(mirrored, Profile.Labels);

        for (var label = 1; label <= 4; label++)
            Assert.All(
                Right.Measure(label)!.Regions.Zip(left.Measure(label)!.Regions),
                pair =>
                {
                    Assert.Equal(pair.First.Region, pair.Second.Region);
                    Assert.Equal(pair.First.TotalArea, pair.Second.TotalArea, 1e-9);
                    Assert.Equal(pair.First.Volume, pair.Second.Volume, 1e-9);
                    Assert.Equal(pair.First.Thickness!.Value, pair.Second.Thickness!.Value, 1e-9);
                }
            );
    }

    [Fact]
    public void Without_both_tibial_plates_regions_are_refused_with_the_reason()
    {
        string[] names =
        [
            .. Profile.Labels.Select(name => name.Replace("lateral tibial", "other")),
        ];

        var femur = Knee.Of(Labels, names).Measure(1)!;

        Assert.Equal("whole", Assert.Single(femur.Regions).Region);
        Assert.Contains("one is missing", femur.RegionsOmitted);
    }
}
