using System.Globalization;
using KneeSeg.Evaluation;
using KneeSeg.Reports.Html;

namespace KneeSeg.Reports.Charts;

/// <summary>A mean and its interval on a scale that all rows of a table share, with a stroke at 0.</summary>
internal sealed class IntervalPlot(double low, double high)
{
    private const int Width = 200;

    /// <summary>A scale that covers intervals, and 0.</summary>
    public static IntervalPlot Over(IEnumerable<Interval?> intervals)
    {
        double[] ends =
        [
            0,
            .. intervals.OfType<Interval>().SelectMany(one => new[] { one.Low, one.High }),
        ];
        var room = 0.04 * Math.Max(ends.Max() - ends.Min(), 1e-6);
        return new(ends.Min() - room, ends.Max() + room);
    }

    /// <summary>Draws a row's mean and interval; what is null is left out.</summary>
    public Markup Draw(double? mean, Interval? interval) =>
        Markup.Of(
            $"""
            <svg class="dots ink wide" viewBox="-6 0 {Width
                + 12} 20" aria-hidden="true"><path class="grid" d="M{At(
                0
            )} 0v20"/>{(
                interval is null
                    ? Markup.None
                    : Markup.Of($"""<path class="mean" d="M{At(interval.Low)} 10H{At(interval.High)}"/>""")
            )}{(
                mean is { } value
                    ? Markup.Of($"""<circle class="solid" cx="{At(value)}" cy="10" r="4.5"/>""")
                    : Markup.None
            )}</svg>
            """
        );

    private string At(double value) =>
        ((value - low) / (high - low) * Width).ToString("0.#", CultureInfo.InvariantCulture);
}
