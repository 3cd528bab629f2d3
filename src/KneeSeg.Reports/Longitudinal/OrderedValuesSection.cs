using KneeSeg.Evaluation.Longitudinal;
using KneeSeg.Reports.Charts;
using KneeSeg.Reports.Html;
using KneeSeg.Reports.Page;

namespace KneeSeg.Reports.Longitudinal;

/// <summary>Ordered values over knees, and the knees with the largest thinning scores.</summary>
internal static class OrderedValuesSection
{
    private const int Listed = 20;

    public static Markup Draw(LongitudinalReport report)
    {
        // Of a single region, order says nothing.
        if (!report.Knees.Any(knee => knee.All.Values.Count > 1))
            return Markup.None;
        var last = report.Knees.Max(knee => knee.Visit);
        KneeOrder[] listed =
        [
            .. report
                .Knees.Where(knee => knee.Visit == last)
                .OrderBy(knee => knee.All.ThinningScore),
        ];
        return Markup.Of(
            $"""
            <section id="ordered">
            <h2>Ordered values</h2>
            <p>Each knee's changes by region, sorted from the largest loss to the largest gain whatever the region, and compared rank by rank over the knees that have all regions. The thinning score is the sum of a knee's losses, the thickening score that of its gains.</p>
            <div class="charts">{Markup.Each(report.Ranks, ranks => Chart(report, ranks))}</div>
            <h3>Largest thinning scores <small>visit {last}, {Math.Min(Listed, listed.Length)} of {NumberText.Of(listed.Length, "knee")}; all are in knees.csv</small></h3>
            <div class="scroll"><table class="dense">
            <thead><tr><th>Knee</th>{TableCells.Titles(
                "Thinning score",
                "Thickening score",
                "Largest loss",
                "Where",
                "Largest gain",
                "Where"
            )}</tr></thead>
            <tbody>{Markup.Each(listed.Take(Listed), Row)}</tbody>
            </table></div>
            </section>
            """
        );
    }

    private static Markup Chart(LongitudinalReport report, RankStatistics ranks) =>
        RankPlot.Draw(
            NumberText.By($"Visit {ranks.Visit}", ranks.Reader),
            [
                .. report
                    .Knees.Where(knee =>
                        knee.Complete && knee.Reader == ranks.Reader && knee.Visit == ranks.Visit
                    )
                    .Select(knee => knee.All.Values),
            ],
            ranks
        );

    private static Markup Row(KneeOrder knee) =>
        Markup.Of(
            $"""<tr><th scope="row">{NumberText.By($"{knee.Subject} {knee.Knee}", knee.Reader)}</th>{TableCells.Of(
                NumberText.Change(knee.All.ThinningScore),
                NumberText.Change(knee.All.ThickeningScore),
                NumberText.Change(knee.All.Values[0]),
                knee.All.Regions[0],
                NumberText.Change(knee.All.Values[^1]),
                knee.All.Regions[^1]
            )}</tr>"""
        );
}
