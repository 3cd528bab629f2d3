using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Phantoms;
using KneeSeg.Evaluation;
using KneeSeg.Imaging;
using KneeSeg.Tests.Imaging;

namespace KneeSeg.Tests.Evaluation;

public sealed class MapTests
{
    private static readonly string[] Names = ["background", "meniscus", "patellar cartilage"];

    // From the right to the left, and from the front to the back.
    private static readonly Grid Lattice = Grid.Centered(new(4, 9, 1), new(1, 1, 2), "LPS");

    [Fact]
    public void Statistics_are_those_of_the_values_and_what_has_none_is_counted()
    {
        var labels = new byte[36];
        labels.AsSpan(0, 8).Fill(1);
        var map = new float[36];
        new[] { 30, 0, 50, float.NaN, 44, float.PositiveInfinity, 32, 0f }.CopyTo(map, 0);

        var found = Measure(labels, map)[0].Statistics;

        // 30, 32, 44, 50: mean 39, squares 81 + 49 + 25 + 121 = 276.
        Assert.Equal((4, 2, 2, 0), (found.Voxels, found.NonFinite, found.Zero, found.Outside));
        Assert.Equal(39, found.Mean!.Value, 1e-12);
        Assert.Equal(Math.Sqrt(276 / 3.0), found.Sd!.Value, 1e-12);
        Assert.Equal(38, found.Median);
        Assert.Equal(4, found.Histogram.Sum());
    }

    [Fact]
    public void Plates_are_measured_in_their_regions_and_menisci_have_none()
    {
        var labels = Phantom.Create(seed: 3, new ModelSize(40, 80, 80)).Labels;
        var names = LabelSchema.Find("iwoai")!.Labels;
        // The place from front to back.
        Volume<float> map = new(
            labels.Grid,
            [.. ResamplerTests.Points(labels.Grid).Select(p => 100 - (float)p.Y)]
        );

        var structures = MapMeasurement.Of(labels, labels, map, names).Structures;

        var tibial = structures.Where(one => one.Label == 2).ToDictionary(one => one.Region);
        Assert.Equal(["", "cMT", "eMT", "iMT", "aMT", "pMT"], tibial.Keys);
        Assert.Equal(
            tibial[""].Statistics.Voxels,
            tibial.Values.Skip(1).Sum(one => one.Statistics.Voxels)
        );
        Assert.True(tibial["aMT"].Statistics.Mean < tibial["cMT"].Statistics.Mean);
        Assert.True(tibial["pMT"].Statistics.Mean > tibial["cMT"].Statistics.Mean);
        Assert.Single(structures, one => one.Structure == "medial meniscus");
    }

    [Fact]
    public void A_map_on_another_lattice_gives_its_nearest_voxel()
    {
        var labels = new byte[36];
        labels.AsSpan().Fill(1);
        // Two voxels in place of the image's four from side to side, of the other direction; the back third is missing.
        var grid = new Grid(
            new(2, 6, 1),
            Affine.FromColumns(new(2, 0, 0), new(0, -1, 0), new(0, 0, 2), new(-1, 4, 0))
        );
        Volume<float> map = new(
            grid,
            [.. Enumerable.Range(0, 12).Select(i => i % 2 == 0 ? 10f : 20)]
        );

        var found = MapMeasurement
            .Of(new(Lattice, labels), new(Lattice, labels), map, Names)
            .Structures[0]
            .Statistics;

        Assert.Equal((24, 12), (found.Voxels, found.Outside));
        Assert.Equal(15, found.Mean);
        Assert.Equal(12, found.Histogram[0]);
    }

    [Fact]
    public void Bins_are_round_and_the_outer_ones_have_what_is_beyond()
    {
        var labels = new byte[36];
        labels.AsSpan().Fill(1);
        var map = Enumerable.Range(0, 36).Select(i => 20f + i).ToArray();
        var measured = MapMeasurement.Of(
            new(Lattice, labels),
            new(Lattice, labels),
            new(Lattice, map),
            Names
        );
        // 35 in 20 bins: 2 each, from 20 to 55.
        Assert.Equal(new HistogramBins(20, 2, 18), measured.Bins);
        Assert.All(measured.Structures[0].Statistics.Histogram, count => Assert.Equal(2, count));
        map[0] = 1000;
        map[1] = 1;
        var again = MapMeasurement.Of(
            new(Lattice, labels),
            new(Lattice, labels),
            new(Lattice, map),
            Names,
            measured.Bins
        );
        Assert.Equal(
            (1, 3),
            (
                again.Structures[0].Statistics.Histogram[0],
                again.Structures[0].Statistics.Histogram[^1]
            )
        );
    }

    private static IReadOnlyList<MappedStructure> Measure(byte[] labels, float[] map) =>
        MapMeasurement
            .Of(new(Lattice, labels), new(Lattice, labels), new(Lattice, map), Names)
            .Structures;
}
