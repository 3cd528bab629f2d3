using System.Text.Json.Nodes;
using KneeSeg.Evaluation;
using KneeSeg.Evaluation.Longitudinal;
using KneeSeg.Morphometry;

namespace KneeSeg.Tests.Evaluation;

/// <summary>How well predictions measure: errors of thickness and denuded area, and whether change shows.</summary>
public sealed class MeasuringTests
{
    [Fact]
    public void Errors_are_absolute_and_averaged_over_plates_not_over_cases()
    {
        var summary = EvaluationSummary.Of([
            Case("a", Plate(1, 2.0, 2.3, denuded: (10, 4)), Plate(2, 1.0, 1.0), Meniscus),
            Case("b", Plate(1, 2.0, 1.9, denuded: (10, 14)), Nothing(2), Meniscus),
        ]);
        Assert.Equal(.2, summary.Labels[0].ThicknessError!.Mean!.Value, 1e-12);
        Assert.Equal(5, summary.Labels[0].DenudedError!.Mean!.Value, 1e-12);
        Assert.Null(summary.Labels[2].ThicknessError);
        Assert.Equal(.1, summary.MeanThicknessError!.Value, 1e-12);
        Assert.Equal(2.5, summary.MeanDenudedError!.Value, 1e-12);
        var json = JsonNode.Parse(summary.ToJson())!;
        Assert.Equal(.1, (double)json["meanThicknessError"]!, 1e-12);
        Assert.Null(json["response"]);
    }

    [Fact]
    public void A_missed_plate_has_no_thickness_and_only_denuded_bone()
    {
        var missed = Plate(1, 2.0, null, denuded: (10, 0)) with { Missed = true };
        Assert.Equal(2.0, missed.ThicknessError);
        Assert.Equal(990, missed.DenudedError);
    }

    [Fact]
    public void Change_shows_in_the_plate_where_the_references_lose_most()
    {
        // Plate 1 loses 0.1 and 0.2, of which the prediction sees a third more or less; plate 2 gains a little.
        var summary = EvaluationSummary.Of([
            Case("a0", Plate(1, 2.0, 2.1), Plate(2, 1.0, 1.0)),
            Case("a1", Plate(1, 1.9, 2.0), Plate(2, 1.1, 1.0)),
            Case("b0", Plate(1, 2.0, 2.0), Plate(2, 1.0, 1.0)),
            Case("b1", Plate(1, 1.8, 2.0), Plate(2, 1.0, 1.0)),
        ]);
        CaseVisit[] visits =
        [
            new("a0", "a", "left", 0, 1, 0),
            new("a1", "a", "left", 1, 1, 1),
            new("b0", "b", "left", 0, 1, 0),
            new("b1", "b", "left", 1, 1, 1),
            new("c0", "c", "left", 0, 1, 0),
        ];
        var visited = VisitedEvaluation.Of(summary, visits);
        var response = visited.Response!;
        Assert.Equal(("plate 1", 2), (response.Plate, response.Knees));
        Assert.Equal(-.15 / Math.Sqrt(.005), response.Reference, 1e-9);
        Assert.Equal(-.05 / Math.Sqrt(.005), response.Prediction!.Value, 1e-9);
        Assert.Equal(-response.Prediction.Value, response.Strength);
        var first = JsonNode.Parse(visited.ToJson())!["cases"]![1]!;
        Assert.Equal(
            ("a", 1, 1.0),
            ((string?)first["subject"], (int)first["visit"]!, (double)first["years"]!)
        );
        Assert.Null(VisitedEvaluation.Of(summary, []).Response);
    }

    [Fact]
    public void Two_systems_are_compared_by_the_errors_of_their_plates()
    {
        EvaluationSummary Of(double first, double second) =>
            EvaluationSummary.Of([
                Case("a", Plate(1, 2, first), Meniscus with { Label = 2 }),
                Case("b", Plate(1, 2, second), Meniscus with { Label = 2 }),
            ]);
        var compared = EvaluationComparison.Of(Of(2.1, 1.8), Of(2.0, 2.0));
        Assert.Equal(
            (2, -.15),
            (
                compared.Labels[0].ThicknessError!.N,
                Math.Round(compared.Labels[0].ThicknessError!.Difference!.Value, 9)
            )
        );
        Assert.Null(compared.Labels[1].ThicknessError);
        Assert.Equal([null, null], compared.Responses);
    }

    private static LabelMetrics Meniscus { get; } = Metrics(3, "meniscus");

    private static LabelMetrics Nothing(int number) => Metrics(number, $"plate {number}");

    // Of 1000 mm² of bone.
    private static LabelMetrics Plate(
        int number,
        double reference,
        double? prediction,
        (double Reference, double Prediction) denuded = default
    ) =>
        Nothing(number) with
        {
            Morphometry = new(
                Measured(reference, denuded.Reference),
                Measured(prediction, denuded.Prediction)
            ),
        };

    private static PlateMorphometry Measured(double? thickness, double denuded) =>
        new(
            "inferred",
            [
                new(
                    "whole",
                    1000,
                    1000 - denuded,
                    denuded,
                    denuded / 10,
                    0,
                    null,
                    thickness,
                    thickness,
                    null,
                    null,
                    null
                ),
            ],
            []
        );

    private static LabelMetrics Metrics(int number, string name) =>
        new(
            number,
            name,
            Dice: 1,
            Iou: 1,
            Voe: 0,
            Sensitivity: 1,
            Precision: 1,
            Assd: 0,
            Hd: 0,
            Hd95: 0,
            Nsd: new(1, 1, 1),
            VolumeDifference: 0,
            Missed: false,
            Spurious: false
        );

    private static CaseMetrics Case(string id, params LabelMetrics[] labels) =>
        new(id, labels) { Confusion = [.. Enumerable.Range(0, 4).Select(_ => new long[4])] };
}
