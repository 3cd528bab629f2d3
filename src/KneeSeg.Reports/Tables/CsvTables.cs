using System.Globalization;
using KneeSeg.Evaluation;
using KneeSeg.Morphometry;

namespace KneeSeg.Reports.Tables;

/// <summary>
/// Metrics as CSV (RFC 4180) in full precision, for statistics software. An undefined value is an empty field.
/// </summary>
public static class CsvTables
{
    private static readonly (string Name, Func<RegionMeasures?, double?> Of)[] Morphometry =
    [
        ("ThCtAB_mm", whole => whole?.Thickness),
        ("ThCcAB_mm", whole => whole?.CoveredThickness),
        ("dABp", whole => whole?.DenudedPercent),
        ("VC_mm3", whole => whole?.Volume),
    ];

    private static readonly (string Name, Func<LabelMetrics, RegionMeasures?> Of)[] Sides =
    [
        ("reference", label => label.Morphometry?.Reference.Whole),
        ("prediction", label => label.Morphometry?.Prediction.Whole),
    ];

    /// <summary>One line per structure: means and standard deviations over cases.</summary>
    public static string Structures(EvaluationSummary evaluation) =>
        Table(
            [
                "label",
                "name",
                "n",
                "missed",
                "misplaced",
                "invented",
                "dice_mean",
                "dice_sd",
                "assd_mm_mean",
                "assd_mm_sd",
                "hd95_mm_mean",
                "hd95_mm_sd",
                "nsd_1mm_mean",
                "nsd_1mm_sd",
                "volume_difference_mean",
                "volume_difference_sd",
                .. Morphometry.SelectMany(measure =>
                    Sides.SelectMany(side =>
                        (string[])
                            [$"{measure.Name}_{side.Name}_mean", $"{measure.Name}_{side.Name}_sd"]
                    )
                ),
            ],
            evaluation.Labels.Select(label =>
                (object?[])
                    [
                        label.Label,
                        label.Name,
                        label.N,
                        label.Missed,
                        label.Misplaced,
                        label.Spurious,
                        label.Dice.Mean,
                        label.Dice.Sd,
                        label.Assd.Mean,
                        label.Assd.Sd,
                        label.Hd95.Mean,
                        label.Hd95.Sd,
                        label.Nsd.One.Mean,
                        label.Nsd.One.Sd,
                        label.VolumeDifference.Mean,
                        label.VolumeDifference.Sd,
                        .. Morphometry.SelectMany(measure =>
                            Sides.SelectMany(side =>
                            {
                                var over = SummaryStatistics.Of(
                                    evaluation
                                        .Cases.SelectMany(one => one.Labels)
                                        .Where(one => one.Label == label.Label)
                                        .Select(one => measure.Of(side.Of(one)))
                                );
                                return (object?[])[over.Mean, over.Sd];
                            })
                        ),
                    ]
            )
        );

    /// <summary>One line per structure of each case.</summary>
    public static string Cases(EvaluationSummary evaluation) =>
        Table(
            [
                "case",
                "label",
                "name",
                "dice",
                "iou",
                "voe",
                "sensitivity",
                "precision",
                "assd_mm",
                "hd_mm",
                "hd95_mm",
                "nsd_0.5mm",
                "nsd_1mm",
                "nsd_2mm",
                "volume_difference",
                .. Morphometry.SelectMany(measure =>
                    Sides.Select(side => $"{measure.Name}_{side.Name}")
                ),
                "missed",
                "misplaced",
                "invented",
            ],
            from measured in evaluation.Cases
            from label in measured.Labels
            select (object?[])
                [
                    measured.Id,
                    label.Label,
                    label.Name,
                    label.Dice,
                    label.Iou,
                    label.Voe,
                    label.Sensitivity,
                    label.Precision,
                    label.Assd,
                    label.Hd,
                    label.Hd95,
                    label.Nsd.Half,
                    label.Nsd.One,
                    label.Nsd.Two,
                    label.VolumeDifference,
                    .. Morphometry.SelectMany(measure =>
                        Sides.Select(side => (object?)measure.Of(side.Of(label)))
                    ),
                    label.Missed ? 1 : 0,
                    label.Misplaced ? 1 : 0,
                    label.Spurious ? 1 : 0,
                ]
        );

    internal static string Table(object?[] header, IEnumerable<object?[]> rows) =>
        string.Concat(
            rows.Prepend(header).Select(row => string.Join(",", row.Select(Field)) + "\r\n")
        );

    private static string Field(object? value)
    {
        var text = value switch
        {
            double number when !double.IsFinite(number) => "",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => value?.ToString() ?? "",
        };
        return text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"")}\"";
    }
}
