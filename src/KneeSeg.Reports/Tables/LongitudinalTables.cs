using System.Text.Json.Nodes;
using KneeSeg.Evaluation.Longitudinal;

namespace KneeSeg.Reports.Tables;

/// <summary>Longitudinal statistics as CSV, as <see cref="CsvTables" /> writes it.</summary>
public static class LongitudinalTables
{
    /// <summary>One line per region and reader: the fields of JSON, an interval's ends as <c>_low</c> and <c>_high</c>.</summary>
    public static string Regions(LongitudinalReport report) =>
        Flat([.. report.Regions.Select(LongitudinalReport.Fields)]);

    /// <summary>One line per region and pair of readers, likewise.</summary>
    public static string Agreement(LongitudinalReport report) =>
        Flat([.. report.Agreement.Select(LongitudinalReport.Fields)]);

    /// <summary>One line per knee and later visit: ordered values and scores.</summary>
    public static string Knees(LongitudinalReport report)
    {
        var ranks = report.Knees.Select(knee => knee.All.Values.Count).DefaultIfEmpty().Max();
        return CsvTables.Table(
            [
                "subject",
                "knee",
                "reader",
                "visit",
                "complete",
                "thinning_score",
                "thickening_score",
                .. Enumerable.Range(1, ranks).Select(rank => $"ov{rank}"),
            ],
            report.Knees.Select(knee =>
                (object?[])
                    [
                        knee.Subject,
                        knee.Knee,
                        knee.Reader,
                        knee.Visit,
                        knee.Complete ? 1 : 0,
                        knee.All.ThinningScore,
                        knee.All.ThickeningScore,
                        .. knee.All.Values.Cast<object?>(),
                        .. Enumerable.Repeat<object?>(null, ranks - knee.All.Values.Count),
                    ]
            )
        );
    }

    /// <summary>One line per knee, region and later visit: the change and its rates.</summary>
    public static string Changes(LongitudinalReport report) =>
        CsvTables.Table(
            [
                "subject",
                "knee",
                "region",
                "reader",
                "visit",
                "years",
                "baseline",
                "follow_up",
                "change",
                "percent_change",
                "annual_change",
                "annual_percent",
                "by_sdc",
            ],
            from region in report.Regions
            from change in region.Changes
            select (object?[])
                [
                    change.Subject,
                    change.Knee,
                    region.Region,
                    region.Reader,
                    change.Visit,
                    change.Years,
                    change.Baseline,
                    change.FollowUp,
                    change.Value,
                    change.Percent,
                    change.Annual,
                    change.AnnualPercent,
                    region.Repeats.Sdc95 is not { } sdc ? null
                    : change.Value < -sdc ? "loss"
                    : change.Value > sdc ? "gain"
                    : "stable",
                ]
        );

    // Every object has the same fields; lists of objects and reasons are for JSON only.
    private static string Flat(IReadOnlyList<JsonObject> rows)
    {
        string[] fields =
        [
            .. rows.SelectMany(row => row)
                .Where(field => field.Key is not ("reasons" or "earlierVisits"))
                .Select(field => field.Key)
                .Distinct(),
        ];
        var pairs = fields.Where(IsPair).ToHashSet();
        return CsvTables.Table(
            [
                .. fields.SelectMany(field =>
                    pairs.Contains(field) ? [$"{field}_low", $"{field}_high"] : new[] { field }
                ),
            ],
            rows.Select(row =>
                fields
                    .SelectMany(field =>
                        pairs.Contains(field)
                            ? [row[field]?[0]?.ToString(), row[field]?[1]?.ToString()]
                            : new[] { row[field]?.ToString() }
                    )
                    .ToArray<object?>()
            )
        );
        static bool IsPair(string field) =>
            field.EndsWith("Ci", StringComparison.Ordinal) || field is "srmCiT" or "baLimits";
    }
}
