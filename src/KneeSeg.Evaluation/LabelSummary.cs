using System.Text.Json.Serialization;

namespace KneeSeg.Evaluation;

/// <summary>One label over all cases; the measures are those of <see cref="LabelMetrics" />.</summary>
/// <param name="Label">Its number.</param>
/// <param name="Name">Its name in the profile.</param>
/// <param name="N">Cases that have it in reference or prediction.</param>
/// <param name="Missed">Cases that have it in the reference only; they have no distances.</param>
/// <param name="Spurious">Cases where it is spurious, in the prediction only; they have no distances.</param>
/// <param name="Dice">See <see cref="LabelMetrics.Dice" />, with 0 for missed and spurious.</param>
/// <param name="Iou">See <see cref="LabelMetrics.Iou" />.</param>
/// <param name="Voe">See <see cref="LabelMetrics.Voe" />.</param>
/// <param name="Sensitivity">See <see cref="LabelMetrics.Sensitivity" />.</param>
/// <param name="Precision">See <see cref="LabelMetrics.Precision" />.</param>
/// <param name="Assd">See <see cref="LabelMetrics.Assd" />.</param>
/// <param name="Hd">See <see cref="LabelMetrics.Hd" />.</param>
/// <param name="Hd95">See <see cref="LabelMetrics.Hd95" />.</param>
/// <param name="Nsd">See <see cref="LabelMetrics.Nsd" />.</param>
/// <param name="VolumeDifference">See <see cref="LabelMetrics.VolumeDifference" />.</param>
/// <param name="ThicknessReference">See <see cref="LabelMetrics.ThicknessReference" />.</param>
/// <param name="ThicknessPrediction">See <see cref="LabelMetrics.ThicknessPrediction" />.</param>
/// <param name="Hd95Pooled">See <see cref="LabelMetrics.Hd95Pooled" />.</param>
public sealed record LabelSummary(
    int Label,
    string Name,
    int N,
    int Missed,
    [property: JsonPropertyName("invented")] int Spurious,
    SummaryStatistics Dice,
    SummaryStatistics Iou,
    SummaryStatistics Voe,
    SummaryStatistics Sensitivity,
    SummaryStatistics Precision,
    SummaryStatistics Assd,
    SummaryStatistics Hd,
    SummaryStatistics Hd95,
    ToleranceValues<SummaryStatistics> Nsd,
    SummaryStatistics VolumeDifference,
    SummaryStatistics ThicknessReference,
    SummaryStatistics ThicknessPrediction,
    SummaryStatistics? Hd95Pooled = null
)
{
    /// <summary>Cases that have it in both without a common voxel.</summary>
    public int Misplaced { get; init; }

    /// <summary>See <see cref="LabelMetrics.ThicknessError" />; null for structures that are no plates.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SummaryStatistics? ThicknessError { get; init; }

    /// <summary>See <see cref="LabelMetrics.DenudedError" />; null for structures that are no plates.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SummaryStatistics? DenudedError { get; init; }

    /// <summary>Cases whose source does not label it; they are not among <see cref="N"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Unlabeled { get; init; }

    /// <summary>Summarizes one label's metrics, one per case.</summary>
    internal static LabelSummary Of(IReadOnlyList<LabelMetrics> cases)
    {
        SummaryStatistics Over(Func<LabelMetrics, double?> measure) =>
            SummaryStatistics.Of(cases.Select(measure));
        SummaryStatistics? OfPlates(Func<LabelMetrics, double?> error) =>
            Over(error) is { N: > 0 } errors ? errors : null;
        return new(
            cases[0].Label,
            cases[0].Name,
            cases.Count(c => c.Dice is not null),
            cases.Count(c => c.Missed),
            cases.Count(c => c.Spurious),
            Over(c => c.Dice),
            Over(c => c.Iou),
            Over(c => c.Voe),
            Over(c => c.Sensitivity),
            Over(c => c.Precision),
            Over(c => c.Assd),
            Over(c => c.Hd),
            Over(c => c.Hd95),
            new(Over(c => c.Nsd.Half), Over(c => c.Nsd.One), Over(c => c.Nsd.Two)),
            Over(c => c.VolumeDifference),
            Over(c => c.ThicknessReference),
            Over(c => c.ThicknessPrediction),
            Over(c => c.Hd95Pooled)
        )
        {
            ThicknessError = OfPlates(c => c.ThicknessError),
            DenudedError = OfPlates(c => c.DenudedError),
            Misplaced = cases.Count(c => c.Misplaced),
            Unlabeled = cases.Count(c => c.Unlabeled),
        };
    }
}
