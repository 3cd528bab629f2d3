using System.Globalization;
using KneeSeg.Reports.Html;

namespace KneeSeg.Reports.Charts;

/// <summary>Every case as a dot between 0 and 1 and the mean as a stroke: how one label did, at a glance.</summary>
internal static class DotPlot
{
    private const int Width = 160;

    /// <summary>Draws fractions such as Dice.</summary>
    /// <param name="values">One a case.</param>
    /// <param name="mean">Their mean; null where there is none.</param>
    /// <param name="style">The class that has the color.</param>
    public static Markup Draw(IEnumerable<double> values, double? mean, string style) =>
        Markup.Of(
            $"""
            <svg class="dots {style}" viewBox="-6 0 {Width
                + 12} 20" aria-hidden="true"><path class="grid" d="M0 10H{Width}M0 6v8M{Width
                / 2} 8v4M{Width} 6v8"/>{Markup.Each(values, Dot)}{Stroke(mean)}</svg>
            """
        );

    private static Markup Dot(double value) =>
        Markup.Of($"""<circle cx="{Place(value)}" cy="10" r="4"/>""");

    private static Markup Stroke(double? mean) =>
        mean is { } value
            ? Markup.Of($"""<path class="mean" d="M{Place(value)} 2v16"/>""")
            : Markup.None;

    private static string Place(double value) =>
        (value * Width).ToString("0.#", CultureInfo.InvariantCulture);
}
