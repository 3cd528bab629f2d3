using System.Globalization;
using KneeSeg.Evaluation;
using KneeSeg.Reports.Html;

namespace KneeSeg.Reports.Page;

/// <summary>Maps such as T2 in each structure and region.</summary>
internal static class MapSection
{
    public static Markup Draw(MapReport report)
    {
        var rows =
            from one in report.Measurements
            from structure in one.Structures
            group (one.Labels, structure.Statistics.Mean) by (
                one.Map,
                structure.Label,
                structure.Structure,
                structure.Region
            );
        return Markup.Of(
            $"""
            <section id="maps">
            <h2>Maps</h2>
            <p>Mean ± standard deviation over cases of the mean within each structure. Voxels where a map is 0 or not finite, or which lie beyond it, are left out; maps.csv counts them and has each case's mean, standard deviation and median, maps-histograms.csv its histogram.</p>
            <div class="scroll"><table>
            <thead><tr><th>Map</th><th>Structure</th><th>Region</th>{TableCells.Titles(
                "In the reference",
                "In the prediction"
            )}</tr></thead>
            <tbody>{Markup.Each(
                rows,
                row =>
                    Markup.Of(
                        $"""<tr><th scope="row">{row.Key.Map}</th><td><i class="chip label-{row.Key.Label}"></i>{row.Key.Structure}</td><td>{(row.Key.Region is "" ? "whole" : row.Key.Region)}</td>{TableCells.Of(
                            Mean(row, "reference"),
                            Mean(row, "prediction")
                        )}</tr>"""
                    )
            )}</tbody>
            </table></div>
            </section>
            """
        );
    }

    private static string Mean(IEnumerable<(string Labels, double? Mean)> cases, string labels)
    {
        var spread = SummaryStatistics.Of(
            cases.Where(one => one.Labels == labels).Select(one => one.Mean)
        );
        return NumberText.Spread(
            spread.Mean,
            spread.Sd,
            value => value?.ToString("G4", CultureInfo.InvariantCulture) ?? "–"
        );
    }
}
