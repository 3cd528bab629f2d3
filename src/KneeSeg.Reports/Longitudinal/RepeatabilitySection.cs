using KneeSeg.Evaluation.Longitudinal;
using KneeSeg.Reports.Charts;
using KneeSeg.Reports.Html;
using KneeSeg.Reports.Page;

namespace KneeSeg.Reports.Longitudinal;

/// <summary>Test and retest, or two readers: a table, and Bland–Altman plots.</summary>
internal static class RepeatabilitySection
{
    // More plots than these fold away.
    private const int MostOpen = 8;

    /// <summary>Repeated scans.</summary>
    public static Markup Repeats(LongitudinalReport report)
    {
        RegionStatistics[] repeated = [.. report.Regions.Where(one => one.Repeated.Count > 0)];
        return repeated is []
            ? Markup.Of(
                $"""<section id="repeats"><h2>Repeatability</h2><p class="notice">No knee has two scans of a visit, so the smallest detectable change is unknown.</p></section>"""
            )
            : Section(
                "repeats",
                "Repeatability",
                "From repeated scans of the earliest visit that has any. Differences are first scan minus second.",
                [
                    .. repeated.Select(one =>
                        (NumberText.By(one.Region, one.Reader), one.Repeated, one.Repeats)
                    ),
                ]
            );
    }

    /// <summary>Readers of the same scans.</summary>
    public static Markup Agreement(LongitudinalReport report) =>
        report.Agreement is []
            ? Markup.None
            : Section(
                "agreement",
                "Agreement of readers",
                "Of the same scans, one of each knee, and of the same changes. Differences are first reader minus second.",
                [
                    .. report.Agreement.Select(one =>
                        (
                            $"{one.Region}, {one.Of}: {one.First} − {one.Second}",
                            one.Pairs,
                            one.Measures
                        )
                    ),
                ]
            );

    private static Markup Section(
        string id,
        string title,
        string about,
        (string Name, IReadOnlyList<double[]> Pairs, Repeatability Measures)[] rows
    ) =>
        Markup.Of(
            $"""
            <section id="{id}">
            <h2>{title}</h2>
            <p>{about}</p>
            <div class="scroll"><table class="dense">
            <thead><tr><th>Region</th>{TableCells.Titles(
                "Knees",
                "RMS SD",
                "RMS CV, %",
                "SEM",
                "SDC",
                "LSC",
                "Bias",
                "Limits of agreement",
                "ICC(2,1)",
                "ICC(3,1)"
            )}</tr></thead>
            <tbody>{Markup.Each(rows, row => Row(row.Name, row.Measures))}</tbody>
            </table></div>
            {(
                rows.Length <= MostOpen
                    ? Plots(rows)
                    : Markup.Of($"<details><summary>Bland–Altman plots</summary>{Plots(rows)}</details>")
            )}
            </section>
            """
        );

    private static Markup Plots(
        (string Name, IReadOnlyList<double[]> Pairs, Repeatability Measures)[] rows
    ) =>
        Markup.Of(
            $"""
            <div class="charts">{Markup.Each(
                rows,
                row => BlandAltmanPlot.Draw(row.Name, row.Pairs, row.Measures)
            )}</div>
            """
        );

    private static Markup Row(string name, Repeatability one) =>
        Markup.Of(
            $"""
            <tr><th scope="row">{name}</th>{TableCells.Of(
                $"{one.NRepeats}",
                $"{NumberText.Fraction(one.RmsSd)} [{NumberText.Within(one.RmsSdCi, NumberText.Fraction)}]",
                NumberText.Millimeters(one.RmsCvPercent),
                NumberText.Fraction(one.Sem),
                NumberText.Fraction(one.Sdc95),
                NumberText.Fraction(one.Lsc95),
                NumberText.Change(one.BaBias),
                NumberText.Within(one.BaLimits, NumberText.Change),
                Icc(one.Icc21, one.Icc21Ci),
                Icc(one.Icc31, one.Icc31Ci)
            )}</tr>
            """
        );

    private static string Icc(double? value, Evaluation.Interval? interval) =>
        value is null
            ? NumberText.Fraction(null)
            : $"{NumberText.Fraction(value)} [{NumberText.Within(interval, NumberText.Fraction)}]";
}
