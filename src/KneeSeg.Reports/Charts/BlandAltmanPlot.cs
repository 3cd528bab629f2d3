using KneeSeg.Evaluation.Longitudinal;
using KneeSeg.Reports.Html;
using KneeSeg.Reports.Page;

namespace KneeSeg.Reports.Charts;

/// <summary>
/// Differences over means of pairs, with bias, limits of agreement and their 95 % intervals as bands (Bland and Altman 1999).
/// </summary>
internal static class BlandAltmanPlot
{
    /// <summary>Draws a plot.</summary>
    /// <param name="title">Its heading.</param>
    /// <param name="pairs">Two values of each knee.</param>
    /// <param name="measures">Their statistics.</param>
    public static Markup Draw(string title, IReadOnlyList<double[]> pairs, Repeatability measures)
    {
        var points = pairs.Select(p => (X: (p[0] + p[1]) / 2, Y: p[0] - p[1])).ToArray();
        var frame = new ChartFrame(
            ChartFrame.Range(points.Select(point => point.X)),
            ChartFrame.Range([
                0,
                .. points.Select(point => point.Y),
                .. measures is { BaLowerCi: { } lowest, BaUpperCi: { } highest }
                    ? [lowest.Low, highest.High]
                    : Array.Empty<double>(),
            ])
        );
        return frame.Draw(
            title,
            "mean of both",
            Markup.Of(
                $"""{Interval(frame, measures.BaLowerCi)}{Interval(frame, measures.BaUpperCi)}{Interval(frame, measures.BaBiasCi)}{Line(frame, measures.BaLimits?.Low, "line good dash-1")}{Line(frame, measures.BaLimits?.High, "line good dash-1")}{Line(frame, measures.BaBias, "line good")}{Markup.Each(points, point => Markup.Of($"""<circle class="dot" cx="{frame.X(point.X)}" cy="{frame.Y(point.Y)}" r="3.5"/>"""))}"""
            ),
            Markup.Of(
                $"""<ul class="legend"><li>bias <b>{NumberText.Change(measures.BaBias)}</b></li><li>limits <b>{NumberText.Within(measures.BaLimits, NumberText.Change)}</b></li><li>n <b>{pairs.Count}</b></li></ul>"""
            )
        );
    }

    private static Markup Interval(ChartFrame frame, Evaluation.Interval? interval) =>
        interval is null ? Markup.None : frame.Band(interval.Low, interval.High, "band good");

    private static Markup Line(ChartFrame frame, double? value, string style) =>
        value is { } at ? frame.Across(at, style) : Markup.None;
}
