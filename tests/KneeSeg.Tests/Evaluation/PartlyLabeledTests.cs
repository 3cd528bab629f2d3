using KneeSeg.Evaluation;
using KneeSeg.Imaging;

namespace KneeSeg.Tests.Evaluation;

/// <summary>References whose source does not label every structure, or several as one.</summary>
public sealed class PartlyLabeledTests
{
    private static readonly string[] Labels =
    [
        "background",
        "femur",
        "medial",
        "lateral",
        "patella",
    ];
    private static readonly NamedRegion[] Regions = [new("tibia", ["medial", "lateral"])];

    // The patella is not labeled, and medial and lateral are one value.
    private static readonly LabelGroups Groups = new([
        [0, 4],
        [1],
        [2, 3],
    ]);

    private readonly CaseMetrics measured = CaseMetrics.Measure(
        "knee",
        Row(0, 1, 1, 0, 2, 2, 2, 0),
        Row(4, 1, 0, 0, 2, 3, 3, 3),
        Labels,
        Groups,
        Regions
    );

    [Fact]
    public void What_the_reference_tells_is_measured_as_ever() =>
        Assert.Equal(2.0 / 3, measured.Labels[0].Dice);

    [Fact]
    public void What_it_does_not_label_is_null_and_no_mistake()
    {
        Assert.All(measured.Labels.Skip(1), label => Assert.Null(label.Dice));
        Assert.All(measured.Labels.Skip(1), label => Assert.True(label.Unlabeled));
        var summary = EvaluationSummary.Of([measured]);
        Assert.Equal((0, 0, 1), (summary.Missed, summary.Spurious, summary.Structures));
        Assert.Equal([0, 1, 1, 1], summary.Labels.Select(label => label.Unlabeled));
        Assert.Equal(2.0 / 3, summary.MeanDice);
        Assert.Contains("\"unlabeled\": 1", summary.ToJson());
    }

    [Fact]
    public void A_region_is_the_union_of_its_structures()
    {
        var region = Assert.Single(measured.MergedLabels);
        Assert.Equal(("tibia", 6.0 / 7), (region.Name, region.Dice));
        // Voxels of structures that are not told apart are of the lowest.
        Assert.Equal([0, 0, 3, 0, 0], measured.Confusion[2]);
        Assert.Equal([2, 0, 1, 0, 0], measured.Confusion[0]);
    }

    [Fact]
    public void Of_complete_labels_every_structure_and_region_is_measured()
    {
        var whole = CaseMetrics.Measure(
            "knee",
            Row(4, 2, 3, 0),
            Row(4, 2, 2, 0),
            Labels,
            null,
            Regions
        );
        Assert.Equal([null, 2.0 / 3, 0, 1], whole.Labels.Select(label => label.Dice));
        Assert.Equal(1, Assert.Single(whole.MergedLabels).Dice);
        Assert.DoesNotContain("unlabeled", EvaluationSummary.Of([whole]).ToJson());
    }

    private static Volume<byte> Row(params byte[] labels) =>
        new(Grid.Centered(new(labels.Length, 1, 1), new(1, 1, 1), "RAS"), labels);
}
