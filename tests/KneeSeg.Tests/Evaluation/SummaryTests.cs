using System.Text.Json;
using KneeSeg.Evaluation;
using KneeSeg.Imaging;
using KneeSeg.Tests.Imaging;
using static KneeSeg.Tests.Evaluation.Masks;

namespace KneeSeg.Tests.Evaluation;

public sealed class SummaryTests : IDisposable
{
    private static readonly string[] Labels = ["background", "cartilage", "meniscus"];
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Missed_structures_count_as_zero_overlap_and_are_shown()
    {
        var ball = Where(Ball(8, 8, 8, 2));
        var nothing = Where((_, _, _) => false);
        var summary = EvaluationSummary.Of([
            CaseMetrics.Measure("a", ball, ball, Labels),
            CaseMetrics.Measure("b", ball, nothing, Labels),
            CaseMetrics.Measure("c", nothing, ball, Labels),
            CaseMetrics.Measure("d", nothing, nothing, Labels),
        ]);
        var label = summary.Labels[0];
        Assert.Equal((3, 1, 1), (label.N, label.Missed, label.Invented));
        Assert.Equal(1.0 / 3, label.Dice.Mean!.Value, 1e-12);
        // Of 1, 0 and 0.
        Assert.Equal(Math.Sqrt(1.0 / 3), label.Dice.Sd!.Value, 1e-12);
        Assert.Equal((0, null, 1), (label.Hd95.Mean, label.Hd95.Sd, label.Hd95.Count));
        Assert.Equal((0, null), (summary.Labels[1].N, summary.Labels[1].Dice.Mean));
        // The meniscus is nowhere, so it is in no mean.
        Assert.Equal(1.0 / 3, summary.MeanDice!.Value, 1e-12);
    }

    [Fact]
    public void The_json_has_the_fields_that_programs_read()
    {
        var ball = Where(Ball(8, 8, 8, 2));
        var json = JsonDocument.Parse(
            EvaluationSummary.Of([CaseMetrics.Measure("a", ball, ball, Labels)]).ToJson()
        );
        Assert.Equal(["cases", "labels", "meanDice"], Names(json.RootElement));
        var measured = json.RootElement.GetProperty("cases")[0];
        Assert.Equal(["id", "labels"], Names(measured));
        Assert.Equal(
            "label name dice iou voe sensitivity precision assd hd hd95 nsd volumeDifference thicknessReference thicknessPrediction missed invented".Split(
                ' '
            ),
            Names(measured.GetProperty("labels")[0])
        );
        Assert.Equal(
            ["0.5", "1.0", "2.0"],
            Names(measured.GetProperty("labels")[0].GetProperty("nsd"))
        );
        Assert.Equal(
            JsonValueKind.Null,
            measured.GetProperty("labels")[1].GetProperty("dice").ValueKind
        );
        var label = json.RootElement.GetProperty("labels")[0];
        Assert.Equal(
            "label name n missed invented dice iou voe sensitivity precision assd hd hd95 nsd volumeDifference thicknessReference thicknessPrediction".Split(
                ' '
            ),
            Names(label)
        );
        Assert.Equal(["mean", "sd"], Names(label.GetProperty("dice")));
        Assert.Equal(["mean", "sd"], Names(label.GetProperty("nsd").GetProperty("1.0")));
    }

    [Fact]
    public void An_evaluation_is_read_back_as_it_was_saved()
    {
        var ball = Where(Ball(8, 8, 8, 2));
        var summary = EvaluationSummary.Of([
            CaseMetrics.Measure("a", ball, Where(Ball(9, 8, 8, 2)), Labels),
            CaseMetrics.Measure("b", ball, ball, Labels),
        ]);
        summary.Save(folder["out/evaluation.json"]);
        Assert.Equal(
            summary.ToJson(),
            EvaluationSummary.Load(folder["out/evaluation.json"]).ToJson()
        );
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1,")]
    public void Another_file_is_no_evaluation(string text)
    {
        File.WriteAllText(folder["a.json"], text);
        Assert.Equal(
            ExitCode.Data,
            Assert.Throws<ProblemException>(() => EvaluationSummary.Load(folder["a.json"])).Exit
        );
    }

    [Fact]
    public void Two_folders_are_paired_by_name_and_measured_with_progress()
    {
        foreach (var id in new[] { "knee-2", "knee-1" })
        {
            NiftiWriter.Write(folder[$"references/{id}.nii.gz"], Where(Ball(8, 8, 8, 2)));
            NiftiWriter.Write(folder[$"predictions/{id}.nii"], Where(Ball(8, 8, 8, 2)));
        }
        File.WriteAllText(folder["predictions/notes.txt"], "not a volume");
        List<(int, int)> progress = [];
        var summary = Evaluate.Pairs(
            EvaluationPair.Match(folder["predictions"], folder["references"]),
            Labels,
            (done, all) => progress.Add((done, all))
        );
        Assert.Equal(["knee-1", "knee-2"], summary.Cases.Select(c => c.Id));
        Assert.Equal(1, summary.MeanDice);
        Assert.Equal([(0, 2), (1, 2), (2, 2)], progress);
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
    public void A_case_without_its_counterpart_is_named()
    {
        Touch(
            "references/a.nii",
            "references/b.nii.gz",
            "predictions/a.nii.gz",
            "predictions/c.nii"
        );
        AssertRefused(
            "no prediction for b",
            () => EvaluationPair.Match(folder["predictions"], folder["references"])
        );
        Touch("predictions/b.nii.gz");
        AssertRefused(
            "no reference for c",
            () => EvaluationPair.Match(folder["predictions"], folder["references"])
        );
        AssertRefused(
            "no prediction for x",
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
            "no such folder",
            () => EvaluationPair.Match(folder["one"], folder["nowhere"])
        );
        AssertRefused(
            "its counterpart a folder",
            () => EvaluationPair.Match(folder["one/a.nii"], folder["one"])
        );
    }

    private static IEnumerable<string> Names(JsonElement element) =>
        element.EnumerateObject().Select(p => p.Name);

    private static void AssertRefused(string reason, Action match)
    {
        var problem = Assert.Throws<ProblemException>(match);
        Assert.Equal(ExitCode.Data, problem.Exit);
        Assert.Contains(reason, problem.What);
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
