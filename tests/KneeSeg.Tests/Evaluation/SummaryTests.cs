using System.Text.Json;
using KneeSeg.Data.Datasets;
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
        Assert.Equal((3, 1, 1), (label.N, label.Missed, label.Spurious));
        Assert.Equal(1.0 / 3, label.Dice.Mean!.Value, 1e-12);
        // Of 1, 0 and 0.
        Assert.Equal(Math.Sqrt(1.0 / 3), label.Dice.Sd!.Value, 1e-12);
        Assert.Equal((0, null, 1), (label.Hd95.Mean, label.Hd95.Sd, label.Hd95.N));
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
        Assert.Equal(
            "cases labels meanDice tissues meanDiceInterval confusion failed structures missed misplaced invented".Split(
                ' '
            ),
            Names(json.RootElement)
        );
        var measured = json.RootElement.GetProperty("cases")[0];
        Assert.Equal(["id", "labels", "tissues", "meanDice"], Names(measured));
        Assert.Equal(
            "label name dice iou voe sensitivity precision assd hd hd95 nsd volumeDifference missed invented hd95Pooled misplaced sheet thicknessReference thicknessPrediction".Split(
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
            "label name n missed invented dice iou voe sensitivity precision assd hd hd95 nsd volumeDifference thicknessReference thicknessPrediction hd95Pooled misplaced".Split(
                ' '
            ),
            Names(label)
        );
        Assert.Equal(["mean", "sd", "n", "interval"], Names(label.GetProperty("dice")));
        Assert.Equal(
            ["mean", "sd", "n", "interval"],
            Names(label.GetProperty("nsd").GetProperty("1.0"))
        );
    }

    [Fact]
    public void Medial_and_lateral_parts_are_measured_together_too_as_the_challenge_does()
    {
        // The prediction has medial and lateral tibial cartilage the wrong way round, and half of the femoral.
        Func<int, int, int, byte> reference = (i, j, k) =>
            (byte)(
                k is < 4 or > 12 ? 0
                : i < 6 ? 1
                : i < 12 ? 2
                : i < 18 ? 3
                : 4
            );
        var names = LabelSchema.Find("iwoai")!.Labels;
        var summary = EvaluationSummary.Of([
            CaseMetrics.Measure(
                "a",
                Labeled(reference),
                Labeled(
                    (i, j, k) =>
                        reference(i, j, k) switch
                        {
                            1 when k > 7 => 0,
                            2 => 3,
                            3 => 2,
                            var other => other,
                        }
                ),
                names
            ),
        ]);
        Assert.Equal(
            [
                (1, "femoral cartilage"),
                (2, "tibial cartilage"),
                (3, "patellar cartilage"),
                (4, "menisci"),
            ],
            summary.MergedLabels.Select(structure => (structure.Label, structure.Name))
        );
        Assert.Equal(
            [8.0 / 13, 1, 1, null],
            summary.Cases[0].MergedLabels.Select(structure => structure.Dice)
        );
        Assert.Equal([8.0 / 13, 0, 0, 1], summary.Labels.Take(4).Select(label => label.Dice.Mean));
        Assert.Equal(0, summary.Cases[0].MergedLabels[1].Hd);
    }

    [Fact]
    public void A_profile_without_a_part_has_no_merged_structure()
    {
        var ball = Where(Ball(8, 8, 8, 2));
        Assert.Equal(
            ["tibial cartilage"],
            CaseMetrics
                .Measure(
                    "a",
                    ball,
                    ball,
                    [
                        "background",
                        "lateral tibial cartilage",
                        "medial meniscus",
                        "medial tibial cartilage",
                    ]
                )
                .MergedLabels.Select(structure => structure.Name)
        );
    }

    [Fact]
    public void The_confusion_matrix_counts_the_voxels_of_all_cases()
    {
        var (all, half) = (Where(Box(0, 4, 0, 4, 0, 4)), Where(Box(0, 4, 0, 4, 0, 2)));
        var moved = Labeled((i, j, k) => Box(0, 4, 0, 4, 0, 4)(i, j, k) ? (byte)2 : (byte)0);
        var summary = EvaluationSummary.Of([
            CaseMetrics.Measure("a", all, half, Labels),
            CaseMetrics.Measure("b", all, moved, Labels),
        ]);
        var voxels = SmallGrid.Size.Count;
        Assert.Equal(
            [
                [2 * (voxels - 64), 0, 0],
                [32, 32, 64],
                [0, 0, 0],
            ],
            summary.Confusion.Select(row => row.ToArray())
        );
    }

    [Fact]
    public void Means_have_their_number_of_cases_and_an_interval()
    {
        var (ball, other) = (Where(Ball(8, 8, 8, 2)), Where(Ball(9, 8, 8, 2)));
        var nothing = Where((_, _, _) => false);
        var summary = EvaluationSummary.Of([
            CaseMetrics.Measure("a", ball, ball, Labels),
            CaseMetrics.Measure("b", ball, other, Labels),
            CaseMetrics.Measure("c", ball, nothing, Labels),
        ]);
        var label = summary.Labels[0];
        Assert.Equal((3, 2), (label.Dice.N, label.Assd.N));
        Assert.Equal(new Interval(0, 1), label.Dice.Interval);
        Assert.Equal(label.Dice.Interval, summary.MeanDiceInterval);
        Assert.Null(summary.Labels[1].Dice.Interval);
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
    public void Missed_structures_are_counted_beside_all_structures()
    {
        var ball = Where(Ball(8, 8, 8, 2));
        var nothing = ball with { Voxels = new byte[ball.Voxels.Length] };

        var summary = EvaluationSummary.Of([
            CaseMetrics.Measure("whole", ball, ball, Labels),
            CaseMetrics.Measure("half", ball, nothing, Labels),
        ]);

        Assert.Equal((2, 1, 0), (summary.Structures, summary.Missed, summary.Spurious));
        Assert.Equal(0.5, summary.MeanDice);
        Assert.Equal(1, summary.Labels[0].Assd.N);
    }

    [Fact]
    public void A_structure_that_lies_elsewhere_is_missed_and_misplaced()
    {
        var (here, beside) = (Where(Box(2, 6, 2, 6, 2, 6)), Where(Box(6, 9, 2, 6, 2, 6)));
        var touching = Where(Box(5, 9, 2, 6, 2, 6));
        var summary = EvaluationSummary.Of([
            CaseMetrics.Measure("elsewhere", here, beside, Labels),
            CaseMetrics.Measure("one row", here, touching, Labels),
            CaseMetrics.Measure("missed", here, Where((_, _, _) => false), Labels),
        ]);

        Assert.Equal(new StructureCounts(3, 1, 1, 0), summary.Counts);
        Assert.Equal(
            (1, 1, 0),
            (summary.Labels[0].Missed, summary.Labels[0].Misplaced, summary.Labels[0].Spurious)
        );
        Assert.Equal([true, false, false], summary.Cases.Select(one => one.Labels[0].Misplaced));
        // Both are there, so there are distances: 4 voxels of 0.7 mm to the farthest face of the other.
        Assert.Equal(4 * 0.7, summary.Cases[0].Labels[0].Hd!.Value, 1e-5);
        Assert.Equal(0, summary.Cases[0].Labels[0].Dice);
        // A label that neither has is no misplaced one.
        Assert.Equal(0, summary.Labels[1].Misplaced);
        using var json = JsonDocument.Parse(summary.ToJson());
        Assert.Equal(1, json.RootElement.GetProperty("misplaced").GetInt32());
        Assert.True(
            json.RootElement.GetProperty("cases")[0]
                .GetProperty("labels")[0]
                .GetProperty("misplaced")
                .GetBoolean()
        );
    }

    [Fact]
    public void An_evaluation_of_an_earlier_version_is_counted_again()
    {
        var summary = EvaluationSummary.Of([
            CaseMetrics.Measure(
                "a",
                Where(Box(2, 6, 2, 6, 2, 6)),
                Where(Box(8, 9, 2, 6, 2, 6)),
                Labels
            ),
        ]);
        var lines = summary.ToJson().Split('\n').Where(line => !line.Contains("misplaced"));
        // The line before the last field of an object ends in a comma.
        File.WriteAllText(
            folder["old.json"],
            string.Join('\n', lines)
                .Replace(",\n      }", "\n      }")
                .Replace(",\n    }", "\n    }")
                .Replace(",\n}", "\n}")
        );
        var read = EvaluationSummary.Load(folder["old.json"]);
        Assert.Equal((1, 1), (read.Misplaced, read.Labels[0].Misplaced));
    }

    private static Volume<byte> Labeled(Func<int, int, int, byte> label)
    {
        var volume = Where((_, _, _) => false);
        var (x, y) = (SmallGrid.Size.X, SmallGrid.Size.Y);
        for (var n = 0; n < volume.Voxels.Length; n++)
            volume.Voxels[n] = label(n % x, n / x % y, n / x / y);
        return volume;
    }

    private static IEnumerable<string> Names(JsonElement element) =>
        element.EnumerateObject().Select(p => p.Name);
}
