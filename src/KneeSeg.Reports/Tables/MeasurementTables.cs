using KneeSeg.Evaluation;
using KneeSeg.Morphometry;

namespace KneeSeg.Reports.Tables;

/// <summary>Morphometry as CSV, in full precision.</summary>
public static class MeasurementTables
{
    private static readonly (string Name, Func<RegionMeasures, object?> Of)[] Fields =
    [
        ("tAB", one => one.TotalArea),
        ("cAB", one => one.CoveredArea),
        ("dAB", one => one.DenudedArea),
        ("dABp", one => one.DenudedPercent),
        ("VC", one => one.Volume),
        ("VCtAB", one => one.VolumeByArea),
        ("ThCtAB", one => one.Thickness),
        ("ThCcAB", one => one.CoveredThickness),
        ("SD", one => one.Sd),
        ("Mav", one => one.Thickest),
        ("Miv", one => one.Thinnest),
    ];

    /// <summary>A line for each region of each plate, and for each sum of them, which has no structure.</summary>
    public static string Regions(MeasurementReport report)
    {
        var visits = report.Cases.Any(one => one.Visit is not null);
        object?[] header = visits ? ["subject", "knee", "visit", "scan", "years"] : [];
        return CsvTables.Table(
            [.. header, "case", "structure", "region", .. Fields.Select(field => field.Name)],
            from one in report.Cases
            let about = visits
                ? (object?[])[one.Subject, one.Knee, one.Visit, one.Scan, one.Years]
                : []
            from row in one
                .Labels.SelectMany(label =>
                    label.Morphometry.Regions.Select(region => (label.Name, Region: region))
                )
                .Concat(one.Composites.Select(sum => (Name: "", Region: sum)))
            select (object?[])
                [
                    .. about,
                    one.Id,
                    row.Name,
                    row.Region.Region,
                    .. Fields.Select(field => field.Of(row.Region)),
                ]
        );
    }
}
