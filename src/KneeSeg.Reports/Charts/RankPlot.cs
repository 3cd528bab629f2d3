using KneeSeg.Evaluation.Longitudinal;
using KneeSeg.Reports.Html;

namespace KneeSeg.Reports.Charts;

/// <summary>Ordered values: a faint line for each knee, from its largest loss to its largest gain, and their mean.</summary>
internal static class RankPlot
{
    /// <summary>Draws a plot.</summary>
    /// <param name="title">Its heading.</param>
    /// <param name="knees">Ordered values, all of one length.</param>
    /// <param name="ranks">Their means and deviations.</param>
    public static Markup Draw(
        string title,
        IReadOnlyList<IReadOnlyList<double>> knees,
        RankStatistics ranks
    )
    {
        var frame = new ChartFrame(
            (1, Math.Max(2, ranks.Mean.Count)),
            ChartFrame.Range(knees.SelectMany(knee => knee).Append(0))
        );
        string Path(IEnumerable<double> values) =>
            "M"
            + string.Join(
                'L',
                values.Select((value, rank) => $"{frame.X(rank + 1)} {frame.Y(value)}")
            );
        return frame.Draw(
            title,
            "rank, from the largest loss to the largest gain",
            Markup.Of(
                $"""{frame.Across(0, "line ink faint")}{Markup.Each(knees, knee => Markup.Of($"""<path class="line ink hair" d="{Path(knee)}h0"/>"""))}{Markup.Each(ranks.Sd is null ? [] : ranks.Mean.Zip(ranks.Sd).Index(), rank => Whisker(frame, rank.Index + 1, rank.Item.First, rank.Item.Second))}<path class="line good" d="{Path(ranks.Mean)}h0"/>"""
            ),
            Markup.Of(
                $"""<ul class="legend"><li><svg viewBox="0 0 26 8" aria-hidden="true"><path class="line good" d="M1 4H25"/></svg>mean ± SD</li><li>n <b>{ranks.N}</b></li></ul>"""
            )
        );
    }

    private static Markup Whisker(ChartFrame frame, int rank, double mean, double sd) =>
        Markup.Of(
            $"""<path class="line good" d="M{frame.X(rank)} {frame.Y(mean - sd)}V{frame.Y(mean + sd)}"/>"""
        );
}
