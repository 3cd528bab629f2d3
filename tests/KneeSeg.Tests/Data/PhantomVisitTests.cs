using System.Text.Json;
using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Phantoms;
using KneeSeg.Imaging;
using KneeSeg.Tests.Imaging;

namespace KneeSeg.Tests.Data;

/// <summary>Knees that are scanned several times.</summary>
public sealed class PhantomVisitTests : IDisposable
{
    private static readonly ModelSize Size = new(32, 64, 64);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Visits_are_cases_of_one_subject_with_a_table_and_the_exact_measures()
    {
        string[] structures = ["lateral tibial cartilage", "medial tibial cartilage"];
        var dataset = PhantomSet.Write(
            folder["pairs"],
            1,
            new(48, 96, 96),
            seed: 7,
            structures: structures,
            visits: new(2, 2, PhantomThinning.Parse("MT=0.2,cLT=lesion:5"))
        );
        Assert.Equal(
            ["knee-0007-v0", "knee-0007-v0-s2", "knee-0007-v1", "knee-0007-v1-s2"],
            DatasetFolder.Open(dataset.Folder).Cases.Select(c => c.Id)
        );
        Assert.Equal(["knee-0007"], dataset.Cases.Select(c => c.Subject).Distinct());
        Assert.Equal(
            """
            case,subject,knee,visit,scan,years
            knee-0007-v0,knee-0007,left,0,1,0
            knee-0007-v0-s2,knee-0007,left,0,2,0
            knee-0007-v1,knee-0007,left,1,1,1
            knee-0007-v1-s2,knee-0007,left,1,2,1

            """,
            File.ReadAllText(Path.Combine(dataset.Folder, "visits.csv"))
        );

        var cases = JsonDocument
            .Parse(File.ReadAllText(Path.Combine(dataset.Folder, "truth.json")))
            .RootElement.GetProperty("cases");
        JsonElement Labels(int n) => cases[n].GetProperty("labels");
        double Of(int n, int label, string measure, int region = 0) =>
            Labels(n)[label - 1]
                .GetProperty("morphometry")
                .GetProperty("regions")[region]
                .GetProperty(measure)
                .GetDouble();
        Assert.Equal(
            structures,
            Labels(0).EnumerateArray().Select(l => $"{l.GetProperty("name")}")
        );
        // A repetition has the same cartilage, in another pose.
        Assert.Equal(Labels(2).GetRawText(), Labels(3).GetRawText());
        Assert.NotEqual(
            cases[2].GetProperty("pose").GetRawText(),
            cases[3].GetProperty("pose").GetRawText()
        );
        // The field's millimeters are the knee's by its scale, at most a tenth more or less.
        Assert.InRange(Of(2, 2, "ThCtAB") - Of(0, 2, "ThCtAB"), -.24, -.15);
        Assert.Equal(Of(0, 2, "tAB"), Of(2, 2, "tAB"));
        Assert.Equal(0, Of(0, 1, "dABp"), .1);
        Assert.InRange(Of(2, 1, "dAB") / (Math.PI * 25), .7, 1.45);

        // Regions divide the plate, and the lesion lies in one of them.
        foreach (var measure in (string[])["tAB", "VC", "dAB"])
        foreach (var label in (int[])[1, 2])
            Assert.Equal(
                Of(2, label, measure),
                Enumerable.Range(1, 5).Sum(region => Of(2, label, measure, region)),
                1e-6
            );
        Assert.InRange(Of(2, 1, "dAB", 1) / Of(2, 1, "dAB"), .9, 1);

        // Voxels are as many as the exact volume has room for, whatever the pose.
        for (var n = 0; n < 4; n++)
        {
            var labels = dataset.Cases[n].ReadLabels(dataset.Profile);
            var voxel = Math.Abs(labels.Grid.Affine.Determinant);
            for (var label = 1; label <= 2; label++)
                Assert.InRange(
                    labels.Voxels.Count(l => l == label) * voxel / Of(n, label, "VC"),
                    .94,
                    1.06
                );
        }
    }

    [Fact]
    public void The_first_scan_is_the_knee_of_its_seed_and_another_has_its_bones_and_menisci()
    {
        var first = Phantom.Create(new PhantomScan(2), Size);
        var alone = Phantom.Create(2, Size);
        Assert.Equal(alone.Image.Voxels, first.Image.Voxels);
        Assert.Equal(alone.Labels.Voxels, first.Labels.Voxels);

        var later = Phantom.Create(Thinned(2, "0.3"), Size);
        Assert.NotEqual(first.Labels.Voxels, later.Labels.Voxels);
        Assert.Equal(first.Parameters.Scale, later.Parameters.Scale);
        Assert.NotEqual(first.Parameters.Gain, later.Parameters.Gain);
        int[] Counts(PhantomKnee knee) =>
            [.. Enumerable.Range(1, 6).Select(l => knee.Labels.Voxels.Count(v => v == l))];
        var (before, after) = (Counts(first), Counts(later));
        for (var label = 0; label < 4; label++)
            Assert.True(after[label] < .95 * before[label]);
        for (var label = 4; label < 6; label++)
            Assert.InRange(after[label] / (double)before[label], .85, 1.15);
    }

    [Fact]
    public void What_a_cartilage_loses_becomes_fluid_and_nothing_else_changes()
    {
        var (whole, worn) = (
            Phantom.Create(Thinned(2, "MT=0"), Size),
            Phantom.Create(Thinned(2, "ccMF=lesion:8"), Size)
        );
        var lost = Enumerable
            .Range(0, whole.Labels.Voxels.Length)
            .Where(i => whole.Labels.Voxels[i] != worn.Labels.Voxels[i])
            .ToArray();
        Assert.InRange(lost.Length, 10, 100);
        Assert.All(
            lost,
            i => Assert.Equal((1, 0), (whole.Labels.Voxels[i], worn.Labels.Voxels[i]))
        );
        // Fluid has the gain as its value, cartilage about 0.6 of it, before blur and coil.
        double Mean(PhantomKnee knee) => lost.Average(i => knee.Image.Voxels[i]);
        Assert.InRange(Mean(worn) / Mean(whole), 1.3, 2.5);
        Assert.InRange(
            Enumerable
                .Range(0, whole.Image.Voxels.Length)
                .Count(i => whole.Image.Voxels[i] != worn.Image.Voxels[i]),
            lost.Length,
            30 * lost.Length
        );
    }

    [Fact]
    public void Growth_adds_cartilage_and_takes_none_from_other_structures()
    {
        var (before, after) = (
            Phantom.Create(Thinned(2, "MT=0"), Size).Labels.Voxels,
            Phantom.Create(Thinned(2, "MT=-0.8,P=-0.8"), Size).Labels.Voxels
        );
        var gained = before.Zip(after).Where(pair => pair.First != pair.Second).ToArray();
        Assert.All(gained, pair => Assert.Equal(0, pair.First));
        Assert.Equal([2, 4], gained.Select(pair => (int)pair.Second).Distinct().Order());
    }

    [Theory]
    [InlineData("QT=0.1", "no plate or subregion is named QT")]
    [InlineData("much", "is no change of cartilage")]
    [InlineData("MT=thin", "thin is neither a number of mm nor a lesion")]
    [InlineData("cMT=lesion:-1", "not a positive number of mm")]
    public void A_change_that_is_none_is_refused(string thinning, string reason) =>
        Problems.Assert(
            ExitCode.Usage,
            reason,
            "Write a loss in mm",
            () => PhantomThinning.Parse(thinning)
        );

    [Theory]
    [InlineData(0, 1, "0", "at least one visit")]
    [InlineData(1, 1, "0.1", "nothing changes at the first visit")]
    public void Visits_without_a_scan_or_change_are_refused(
        int visits,
        int scans,
        string thinning,
        string reason
    ) =>
        Problems.Assert(
            ExitCode.Usage,
            reason,
            "Choose",
            () =>
                PhantomSet.Write(
                    folder["none"],
                    1,
                    Size,
                    visits: new(visits, scans, PhantomThinning.Parse(thinning))
                )
        );

    private static PhantomScan Thinned(long seed, string thinning) =>
        new PhantomVisits(2, 1, PhantomThinning.Parse(thinning)).Of(seed).Last();
}
