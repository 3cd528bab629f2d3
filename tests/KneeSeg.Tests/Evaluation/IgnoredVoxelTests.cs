using KneeSeg.Evaluation;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;
using KneeSeg.Tests.Imaging;
using static KneeSeg.Tests.Evaluation.Masks;

namespace KneeSeg.Tests.Evaluation;

/// <summary>Voxels that the reference does not annotate are in no measure, whatever was predicted there.</summary>
public sealed class IgnoredVoxelTests : IDisposable
{
    private static readonly string[] Labels = ["background", "patellar cartilage"];
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Validation_counts_the_Dice_of_an_evaluation()
    {
        var truth = Marked(Where(Ball(10, 9, 8, 2.2)), k => k % 3 == 0);
        var found = Where(Ball(11, 10, 8, 2));

        var overlap = Overlap.Count(truth.Voxels, found.Voxels, Labels.Length)[1];

        Assert.InRange(overlap.Dice!.Value, 0.1, 0.9);
        Assert.Equal(Measure(truth, found).Labels[0].Dice, overlap.Dice);
    }

    [Fact]
    public void What_is_predicted_where_nobody_annotated_changes_nothing()
    {
        var truth = Marked(Where(Ball(10, 9, 8, 2.2)), k => k % 3 == 0);
        var found = Where(Ball(11, 10, 8, 2));
        var garbage = found with { Voxels = [.. found.Voxels] };
        for (var i = 0; i < garbage.Voxels.Length; i++)
            if (truth.Voxels[i] == LabelValue.Ignored)
                garbage.Voxels[i] = (byte)(i % 2);

        var (one, other) = (Measure(truth, found), Measure(truth, garbage));

        Assert.Equal(
            one.Labels[0] with
            {
                Thickness = null,
                Morphometry = null,
            },
            other.Labels[0] with
            {
                Thickness = null,
                Morphometry = null,
            }
        );
        Assert.Equal(one.Labels[0].Thickness!.Regions, other.Labels[0].Thickness!.Regions);
        Assert.Equal(one.Labels[0].ThicknessPrediction, other.Labels[0].ThicknessPrediction);
        Assert.Equal(one.Confusion.SelectMany(row => row), other.Confusion.SelectMany(row => row));
        Assert.Equal(truth.Voxels.Count(label => label == LabelValue.Ignored), one.Ignored);
        Assert.Equal(truth.Voxels.Length - one.Ignored, one.Confusion.SelectMany(row => row).Sum());
        // The caller's volumes are as they were.
        Assert.Contains(LabelValue.Ignored, truth.Voxels);
    }

    [Fact]
    public void Measures_are_those_of_the_annotated_part_by_itself()
    {
        // Slices 0 to 7 are annotated, so the same volumes cut there are the independent answer.
        var (truth, found) = (Where(Ball(10, 9, 6, 2.2)), Where(Ball(11, 10, 6, 2)));
        var cut = SmallGrid with { Size = new(24, 20, 8) };
        var whole = Measure(Marked(truth, k => k < 8), found).Labels[0];
        var part = Measure(Cut(truth), Cut(found)).Labels[0];
        Assert.Equal(part.Dice, whole.Dice);
        Assert.Equal(part.VolumeDifference, whole.VolumeDifference);
        Assert.Equal(part.Hd95!.Value, whole.Hd95!.Value, 1e-6);
        Assert.Equal(part.Assd!.Value, whole.Assd!.Value, 1e-6);
        Assert.Equal(part.Nsd.One, whole.Nsd.One);
        Assert.Equal(part.ThicknessReference!.Value, whole.ThicknessReference!.Value, 1e-6);

        Volume<byte> Cut(Volume<byte> volume) => new(cut, volume.Voxels[..(int)cut.Size.Count]);
    }

    [Fact]
    public void A_structure_that_only_ignored_voxels_have_is_not_invented()
    {
        var truth = Marked(Where((_, _, _) => false), k => k < 4);
        var found = Where(Box(0, 24, 0, 20, 4, 16));
        var label = Measure(truth, found).Labels[0];
        Assert.False(label.Spurious);
        Assert.Null(label.Dice);
    }

    [Fact]
    public void A_reference_file_has_its_own_ignore_label_and_binarizing_keeps_it()
    {
        var truth = Where(Box(0, 24, 0, 20, 0, 2));
        (truth.Voxels[0], truth.Voxels[1], truth.Voxels[^1]) = (4, 7, 7);
        VolumeFile.Write(folder["truth.nii.gz"], truth);
        EvaluationPair pair = new("a", folder["truth.nii.gz"], "", null, false, 7);

        Assert.Equal(
            (4, LabelValue.Ignored, LabelValue.Ignored),
            (
                pair.ReadReference().Voxels[0],
                pair.ReadReference().Voxels[1],
                pair.ReadReference().Voxels[^1]
            )
        );
        var merged = (pair with { Binarized = true }).ReadReference().Voxels;
        Assert.Equal((1, LabelValue.Ignored), (merged[0], merged[1]));
    }

    [Fact]
    public void Label_255_is_ignored_only_where_the_dataset_says_so()
    {
        var truth = Where(Box(0, 24, 0, 20, 0, 2));
        truth.Voxels[0] = 255;
        VolumeFile.Write(folder["truth.nii.gz"], truth);
        var problem = Assert.Throws<ProblemException>(() =>
            new EvaluationPair("a", folder["truth.nii.gz"], "").ReadReference()
        );
        Assert.Contains("1 voxels have label 255", problem.What);
        Assert.Contains("\"ignore\": 255", problem.Fix);
    }

    private static CaseMetrics Measure(Volume<byte> truth, Volume<byte> found) =>
        CaseMetrics.Measure("a", truth, found, Labels);

    private static Volume<byte> Marked(Volume<byte> labels, Func<int, bool> isAnnotated)
    {
        var plane = labels.Grid.Size.X * labels.Grid.Size.Y;
        return labels with
        {
            Voxels =
            [
                .. labels.Voxels.Select(
                    (label, n) => isAnnotated(n / plane) ? label : LabelValue.Ignored
                ),
            ],
        };
    }
}
