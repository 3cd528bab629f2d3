using KneeSeg.Evaluation.Longitudinal;
using KneeSeg.Reports.Charts;
using KneeSeg.Reports.Html;
using KneeSeg.Reports.Page;

namespace KneeSeg.Reports.Longitudinal;

/// <summary>Change at the last visit: a table, and maps of the plates.</summary>
internal static class ChangeSection
{
    public static Markup Draw(LongitudinalReport report)
    {
        RegionStatistics[] changed = [.. report.Regions.Where(one => one.Change.NChange > 0)];
        if (changed is [])
            return Markup.Of(
                $"""<section id="change"><h2>Change</h2><p class="notice">No knee has both the baseline (visit 0) and a later visit.</p></section>"""
            );
        var plot = IntervalPlot.Over(changed.Select(one => one.Change.MeanChangeCi));
        return Markup.Of(
            $"""
            <section id="change">
            <h2>Change</h2>
            <p>From the baseline to the last visit, between the first scans of both; negative is loss. Mean change with its 95 % interval. SRM is mean change / SD, with its interval by bootstrap over subjects and, in parentheses, by the noncentral t distribution. Rates are means over knees. Loss and gain are changes beyond the smallest detectable change (SDC) of the region's own repeated scans.</p>
            <div class="scroll"><table class="dense">
            <thead><tr><th>Region</th><th>Mean change</th>{TableCells.Titles(
                "Visit",
                "Knees",
                "Baseline",
                "Change ± SD",
                "SRM",
                "t-test p",
                "Wilcoxon p",
                "A year",
                "% a year",
                "Loss, stable, gain"
            )}</tr></thead>
            <tbody>{Markup.Each(changed, one => Row(one, plot))}</tbody>
            </table></div>
            {Maps(changed)}
            </section>
            """
        );
    }

    private static Markup Row(RegionStatistics one, IntervalPlot plot)
    {
        var change = one.Change;
        return Markup.Of(
            $"""
            <tr><th scope="row">{NumberText.By(one.Region, one.Reader)}</th><td>{plot.Draw(
                change.MeanChange,
                change.MeanChangeCi
            )}</td>{TableCells.Of(
                $"{change.FollowUpVisit}",
                $"{change.NChange}",
                NumberText.Fraction(change.MeanBaseline),
                $"{NumberText.Change(change.MeanChange)} ± {NumberText.Fraction(change.SdChange)}",
                Srm(change),
                NumberText.P(change.PairedP),
                NumberText.P(change.WilcoxonP),
                NumberText.Change(change.MeanAnnualChange),
                NumberText.Rate(change.MeanAnnualPercent),
                change.LossBySdc is null
                    ? NumberText.Fraction(null)
                    : $"{change.LossBySdc}, {change.StableBySdc}, {change.GainBySdc}"
            )}</tr>
            """
        );
    }

    private static string Srm(ChangeStatistics change) =>
        change.Srm is null
            ? NumberText.Rate(null)
            : $"{NumberText.Rate(change.Srm)} [{NumberText.Within(change.SrmCi, NumberText.Rate)}] ({NumberText.Within(change.SrmCiT, NumberText.Rate)})";

    private static Markup Maps(IEnumerable<RegionStatistics> changed) =>
        Markup.Each(
            changed.GroupBy(one => one.Reader),
            reader =>
                PlateMap.Draw(
                    reader.ToDictionary(
                        one => FemorotibialRegions.Standard(one.Region),
                        one => one.Change.MeanChange
                    )
                )
                    is var map
                && map == Markup.None
                    ? map
                    : Markup.Of(
                        $"""
                        <h3>{NumberText.By("Where it changes", reader.Key)}</h3>
                        <p>A schematic right knee: above, the femoral cartilage unrolled, its weight-bearing part in thirds; below, the tibial plates from above. Anterior is on top. External and internal are away from and toward the other plate.</p>
                        {map}
                        """
                    )
        );
}
