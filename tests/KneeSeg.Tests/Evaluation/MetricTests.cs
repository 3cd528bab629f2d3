using KneeSeg.Evaluation;
using KneeSeg.Imaging;
using static KneeSeg.Tests.Evaluation.Masks;

namespace KneeSeg.Tests.Evaluation;

public class MetricTests
{
    private static readonly string[] Labels = ["background", "sheet"];

    [Fact]
    public void All_metrics_equal_those_of_MONAI_and_medpy_where_both_masks_have_voxels()
    {
        var compared = PeerCase.All.Where(one => one.BothThere).ToArray();
        Assert.Equal((14, 11), (PeerCase.All.Count, compared.Length));
        foreach (var one in compared)
        {
            var m = Measure(Where(one.Reference), Where(one.Prediction));
            var (monai, medpy) = (one.Monai, one.Medpy);
            AssertAll(
                one.Name,
                1e-6,
                (m.Dice, monai.Dice),
                (m.Iou, monai.Iou),
                (m.Nsd.Half, monai.Nsd[0]),
                (m.Nsd.One, monai.Nsd[1]),
                (m.Nsd.Two, monai.Nsd[2]),
                (m.Dice, medpy.Dice),
                (m.Iou, medpy.Iou),
                (1 - m.Voe, medpy.Iou),
                (m.Sensitivity, medpy.Sensitivity),
                (m.Precision, medpy.Precision),
                (m.VolumeDifference, medpy.VolumeDifference)
            );
            AssertAll(
                one.Name,
                1e-4,
                (m.Hd, monai.Hd),
                (m.Hd95, monai.Hd95),
                (m.Assd, monai.Assd),
                (m.Hd, medpy.Hd),
                (m.Hd95Pooled, medpy.Hd95Pooled),
                (m.Assd, medpy.Assd)
            );
        }
    }

    [Fact]
    public void Empty_masks_are_measured_by_our_own_table_where_the_peers_disagree()
    {
        foreach (var one in PeerCase.All.Where(one => !one.BothThere))
        {
            var m = Measure(Where(one.Reference), Where(one.Prediction));
            double? overlap = one.Voxels.Sum() > 0 ? 0 : null;
            Assert.Equal(
                (overlap, overlap, 1 - overlap, overlap, overlap),
                (m.Dice, m.Iou, m.Voe, m.Nsd.Half, m.Nsd.Two)
            );
            Assert.All([m.Assd, m.Hd, m.Hd95, m.Hd95Pooled], Assert.Null);
            Assert.Equal((one.Voxels is [> 0, 0], one.Voxels is [0, > 0]), (m.Missed, m.Spurious));
        }
    }

    [Fact]
    public void A_slab_moved_by_two_voxels_is_two_voxels_off()
    {
        var grid = Grid.Centered(new(20, 20, 20), new(0.5, 0.5, 0.75), "RAS");
        var m = Measure(
            Where(grid, Box(0, 20, 0, 20, 4, 8)),
            Where(grid, Box(0, 20, 0, 20, 6, 10))
        );
        Assert.Equal(0.5, m.Dice);
        Assert.Equal(1.0 / 3, m.Iou);
        Assert.Equal(1.5, m.Hd!.Value, 1e-6);
        Assert.Equal(0, m.VolumeDifference);
    }

    [Fact]
    public void Half_a_cube_is_found_wholly_precise_and_half_sensitive()
    {
        var grid = Grid.Centered(new(12, 12, 12), new(1, 1, 1), "RAS");
        var m = Measure(
            Where(grid, Box(2, 10, 2, 10, 2, 10)),
            Where(grid, Box(2, 6, 2, 10, 2, 10))
        );
        Assert.Equal(
            (0.5, 1.0, -0.5, 2.0 / 3),
            (m.Sensitivity, m.Precision, m.VolumeDifference, m.Dice)
        );
        Assert.Equal(4, m.Hd);
    }

    [Fact]
    public void A_distance_of_exactly_the_tolerance_is_within_it_whatever_float32_makes_of_the_spacing()
    {
        double spacing = 0.1f;
        var grid = Grid.Centered(new(30, 1, 1), new(spacing, spacing, spacing), "RAS");
        var m = Measure(Where(grid, Box(0, 1, 0, 1, 0, 1)), Where(grid, Box(10, 11, 0, 1, 0, 1)));
        Assert.Equal((0, 1, 1), (m.Nsd.Half, m.Nsd.One, m.Nsd.Two));
    }

    [Fact]
    public void A_missed_structure_has_no_overlap_and_no_distance()
    {
        var m = Measure(Where(Ball(8, 8, 8, 2)), Where((_, _, _) => false));
        Assert.True(m.Missed);
        Assert.False(m.Spurious);
        Assert.Equal((0, 0, 1, 0, -1), (m.Dice, m.Iou, m.Voe, m.Sensitivity, m.VolumeDifference));
        Assert.Equal((0, 0, 0), (m.Nsd.Half, m.Nsd.One, m.Nsd.Two));
        Assert.All([m.Precision, m.Assd, m.Hd, m.Hd95, m.ThicknessPrediction], Assert.Null);
    }

    [Fact]
    public void An_invented_structure_has_no_overlap_and_no_distance()
    {
        var m = Measure(Where((_, _, _) => false), Where(Ball(8, 8, 8, 2)));
        Assert.True(m.Spurious);
        Assert.False(m.Missed);
        Assert.Equal((0, 0, 1, 0), (m.Dice, m.Iou, m.Voe, m.Precision));
        Assert.All(
            [m.Sensitivity, m.Assd, m.Hd, m.Hd95, m.VolumeDifference, m.ThicknessReference],
            Assert.Null
        );
    }

    [Fact]
    public void What_is_in_neither_volume_has_no_metric_at_all()
    {
        var nothing = Where((_, _, _) => false);
        var m = Measure(nothing, nothing);
        Assert.All(
            [
                m.Dice,
                m.Iou,
                m.Voe,
                m.Sensitivity,
                m.Precision,
                m.Assd,
                m.Hd,
                m.Hd95,
                m.Nsd.One,
                m.VolumeDifference,
            ],
            Assert.Null
        );
        Assert.False(m.Missed || m.Spurious);
    }

    [Fact]
    public void Labels_are_measured_apart_from_each_other()
    {
        var reference = Where(Box(2, 6, 2, 6, 2, 6));
        var prediction = Where(Box(2, 6, 2, 6, 2, 6));
        for (var i = 0; i < reference.Voxels.Length; i++)
            if (i % 24 > 12)
                (reference.Voxels[i], prediction.Voxels[i]) = (2, 3);
        var metrics = CaseMetrics
            .Measure("a", reference, prediction, ["background", "x", "y", "z"])
            .Labels;
        Assert.Equal([1, 2, 3], metrics.Select(m => m.Label));
        Assert.Equal([1, 0, 0], metrics.Select(m => m.Dice!.Value));
        Assert.Equal([false, true, false], metrics.Select(m => m.Missed));
        Assert.Equal([false, false, true], metrics.Select(m => m.Spurious));
    }

    [Fact]
    public void A_label_beyond_the_profile_is_refused_with_its_count()
    {
        var good = Where(Ball(8, 8, 8, 2));
        var bad = Where(Ball(8, 8, 8, 2));
        (bad.Voxels[0], bad.Voxels[1]) = (9, 9);
        var problem = Assert.Throws<ProblemException>(() =>
            CaseMetrics.Measure("knee-1", good, bad, Labels)
        );
        Assert.Equal(ExitCode.Data, problem.Exit);
        Assert.Equal("knee-1, prediction", problem.Where);
        Assert.Contains("2 voxels have label 9", problem.What);
    }

    [Fact]
    public void Unlike_grids_are_refused_with_the_distance()
    {
        var reference = Where(Ball(8, 8, 8, 2));
        var moved = SmallGrid with
        {
            Affine = SmallGrid.Affine.WithOrigin(SmallGrid.Affine.Origin + new Point3(0, 0, 1.5)),
        };
        var problem = Assert.Throws<ProblemException>(() =>
            CaseMetrics.Measure("knee-1", reference, reference with { Grid = moved }, Labels)
        );
        Assert.Equal(ExitCode.Data, problem.Exit);
        Assert.Contains("1.5 mm away", problem.What);
        var other = Where(Grid.Centered(new(4, 4, 4), new(1, 1, 1), "RAS"), (_, _, _) => false);
        Assert.Contains(
            "4×4×4 voxels, not 24×20×16",
            Assert
                .Throws<ProblemException>(() =>
                    CaseMetrics.Measure("knee-1", reference, other, Labels)
                )
                .What
        );
    }

    private static void AssertAll(
        string name,
        double tolerance,
        params (double? Ours, double? Theirs)[] numbers
    )
    {
        foreach (var (place, (ours, theirs)) in numbers.Index())
            Assert.True(
                ours == theirs || Math.Abs(ours!.Value - theirs!.Value) <= tolerance,
                $"{name}, number {place}: {ours} is not {theirs}"
            );
    }

    private static LabelMetrics Measure(Volume<byte> reference, Volume<byte> prediction) =>
        CaseMetrics.Measure("case", reference, prediction, Labels).Labels[0];
}
