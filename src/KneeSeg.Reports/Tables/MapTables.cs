using KneeSeg.Evaluation;

namespace KneeSeg.Reports.Tables;

/// <summary>Measured maps as CSV, as <see cref="CsvTables" /> writes it.</summary>
public static class MapTables
{
    private static readonly string[] Place = ["case", "map", "labels", "label", "name", "region"];

    /// <summary>One line per structure and region of each case.</summary>
    public static string Statistics(MapReport report) =>
        CsvTables.Table(
            [.. Place, "voxels", "non_finite", "zero", "outside", "mean", "sd", "median"],
            from one in report.Measurements
            from structure in one.Structures
            let found = structure.Statistics
            select (object?[])
                [
                    .. Of(one, structure),
                    found.Voxels,
                    found.NonFinite,
                    found.Zero,
                    found.Outside,
                    found.Mean,
                    found.Sd,
                    found.Median,
                ]
        );

    /// <summary>One line per bin of each structure and region.</summary>
    public static string Histograms(MapReport report) =>
        CsvTables.Table(
            [.. Place, "from", "to", "voxels"],
            from one in report.Measurements
            let bins = report.Bins[one.Map]
            from structure in one.Structures
            from bin in structure.Statistics.Histogram.Index()
            select (object?[])
                [
                    .. Of(one, structure),
                    bins.Start + bin.Index * bins.Width,
                    bins.Start + (bin.Index + 1) * bins.Width,
                    bin.Item,
                ]
        );

    private static object?[] Of(CaseMap one, MappedStructure structure) =>
        [
            one.Case,
            one.Map,
            one.Labels,
            structure.Label,
            structure.Structure,
            structure.Region is "" ? "whole" : structure.Region,
        ];
}
