using KneeSeg.Evaluation;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;
using KneeSeg.Tests.Imaging;
using static KneeSeg.Tests.Evaluation.Masks;

namespace KneeSeg.Tests.Evaluation;

public sealed class EvaluationPairTests : IDisposable
{
    private static readonly string[] Labels = ["background", "cartilage", "meniscus"];
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Two_folders_are_paired_by_name_and_measured_with_progress()
    {
        foreach (var id in new[] { "knee-2", "knee-1" })
        {
            VolumeFile.Write(folder[$"references/{id}.nii.gz"], Where(Ball(8, 8, 8, 2)));
            VolumeFile.Write(folder[$"predictions/{id}.nii"], Where(Ball(8, 8, 8, 2)));
        }
        File.WriteAllText(folder["predictions/notes.txt"], "not a volume");
        List<(int, int)> progress = [];
        var summary = PairEvaluation.Pairs(
            EvaluationPair.Match(folder["predictions"], folder["references"]),
            Labels,
            (done, all) => progress.Add((done, all))
        );
        Assert.Equal(["knee-1", "knee-2"], summary.Cases.Select(c => c.Id));
        Assert.Equal(1, summary.MeanDice);
        Assert.Equal([(0, 2), (1, 2), (2, 2)], progress);
    }

    [Fact]
    public void A_prediction_in_another_order_of_axes_is_reoriented_and_reported()
    {
        var truth = Where(Ball(8, 9, 7, 2));
        Write("a.nii", truth);
        Write("b.nii", AxisOrder.Towards(truth.Grid.Affine, "LAS").Apply(truth));
        List<string> said = [];
        var summary = PairEvaluation.Pairs(
            EvaluationPair.Match(folder["b.nii"], folder["a.nii"]),
            Labels,
            warn: said.Add
        );
        Assert.Equal(1, summary.MeanDice);
        Assert.Equal(
            $"{folder["b.nii"]}: its axes are LAS instead of PIR; reoriented without resampling",
            Assert.Single(said)
        );
    }

    [Fact]
    public void Segmentations_of_two_readers_are_compared_where_either_has_only_a_part()
    {
        // One line of voxels: the first reader's begins at the third of the second's, which ends before the first's.
        WriteSegments("a.seg.nrrd", "3 1 1", "(12,20,30)", [1, 1, 1]);
        WriteSegments("b.seg.nrrd", "4 1 1", "(10,20,30)", [0, 1, 1, 1]);
        Assert.Equal(2.0 * 2 / 6, Dice("b.seg.nrrd", "a.seg.nrrd"), 1e-12);
        Assert.Equal(2.0 * 2 / 6, Dice("a.seg.nrrd", "b.seg.nrrd"), 1e-12);
        // And a whole volume with either.
        Grid grid = new(
            new(6, 2, 2),
            Affine.FromColumns(new(-1, 0, 0), new(0, -2, 0), new(0, 0, 3), new(-10, -20, 30))
        );
        Write("c.nii", Where(grid, (i, j, k) => i is 2 or 3 && j + k == 0));
        Assert.Equal(2.0 * 2 / 5, Dice("c.nii", "a.seg.nrrd"), 1e-12);
        Assert.Equal(2.0 * 2 / 5, Dice("b.seg.nrrd", "c.nii"), 1e-12);

        double Dice(string prediction, string reference) =>
            PairEvaluation
                .Pairs(EvaluationPair.Match(folder[prediction], folder[reference]), Labels)
                .MeanDice!.Value;
        void WriteSegments(string name, string size, string origin, byte[] voxels) =>
            File.WriteAllBytes(
                folder[name],
                NrrdBytes.Of(
                    NrrdBytes.Segmentation(size, ("cartilage", 1, 0)).Replace("(10,20,30)", origin),
                    voxels
                )
            );
    }

    [Fact]
    public void Two_files_are_one_case()
    {
        var pair = Assert.Single(
            EvaluationPair.Match(folder["mine.nii"], folder["truth/knee-1.nii.gz"])
        );
        Assert.Equal("knee-1", pair.Id);
        Assert.Equal(folder["mine.nii"], pair.Prediction);
    }

    [Fact]
    public void A_case_without_its_counterpart_fails_and_the_others_go_on()
    {
        Write("references/a.nii", Where(Ball(8, 8, 8, 2)));
        Write("references/b.nii.gz", Where(Ball(8, 8, 8, 2)));
        Write("predictions/a.nii.gz", Where(Ball(8, 8, 8, 2)));
        Write("predictions/c.nii", Where(Ball(8, 8, 8, 2)));

        var summary = PairEvaluation.Pairs(
            EvaluationPair.Match(folder["predictions"], folder["references"]),
            Labels
        );

        Assert.Equal("a", Assert.Single(summary.Cases).Id);
        Assert.Equal(
            [("b", "predictions"), ("c", "references")],
            summary.Failed.Select(one =>
                (one.Id, Path.GetFileName(Path.GetDirectoryName(one.Where)))
            )
        );
    }

    [Fact]
    public void Folders_without_a_common_case_are_refused()
    {
        Touch("references/a.nii", "predictions/b.nii");
        AssertRefused(
            "no prediction has the name of a reference, such as a",
            () => EvaluationPair.Match(folder["predictions"], folder["references"])
        );
        AssertRefused(
            "no prediction has the name of a reference, such as x",
            () =>
                EvaluationPair.Match(
                    folder["predictions"],
                    [("x", folder["references/x.nii"], null)]
                )
        );
    }

    [Fact]
    public void Two_files_of_one_case_and_empty_or_missing_folders_are_refused()
    {
        Touch("twice/a.nii", "twice/a.nii.gz", "empty/a.txt", "one/a.nii");
        AssertRefused("same case", () => EvaluationPair.Match(folder["one"], folder["twice"]));
        AssertRefused("no label file", () => EvaluationPair.Match(folder["one"], folder["empty"]));
        AssertRefused(
            "folder not found",
            () => EvaluationPair.Match(folder["one"], folder["nowhere"])
        );
        AssertRefused(
            "its counterpart is a folder",
            () => EvaluationPair.Match(folder["one/a.nii"], folder["one"])
        );
    }

    [Fact]
    public void Images_channels_and_formats_do_not_keep_a_case_s_files_apart()
    {
        Touch("found/a_0000.nii", "found/1.2.3.mha", "true/a.nii.gz", "true/1.2.3.nii.gz");
        Assert.Equal(
            [("1.2.3", folder["found/1.2.3.mha"]), ("a", folder["found/a_0000.nii"])],
            EvaluationPair
                .Match(folder["found"], folder["true"])
                .Select(pair => (pair.Id, pair.Prediction))
        );
        // A dataset's own ids may have them too; a file that is missing is sought beside the others.
        Assert.Equal(
            [folder["found/a_0000.nii"], folder["found/b.mha"]],
            EvaluationPair
                .Match(folder["found"], [("a_0000", "x", null), ("b", "y", null)])
                .Select(pair => pair.Prediction)
        );
    }

    private static void AssertRefused(string reason, Action match)
    {
        var problem = Assert.Throws<ProblemException>(match);
        Assert.Equal(ExitCode.Data, problem.Exit);
        Assert.Contains(reason, problem.What);
    }

    private void Write(string name, Volume<byte> labels)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder[name])!);
        VolumeFile.Write(folder[name], labels);
    }

    private void Touch(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[name])!);
            File.WriteAllText(folder[name], "");
        }
    }
}
