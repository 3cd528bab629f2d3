using System.Globalization;
using KneeSeg.Reports.Html;

namespace KneeSeg.Reports.Charts;

/// <summary>The frame of a chart of numbers: round ticks along both axes, a grid, and where a value goes.</summary>
internal sealed class ChartFrame
{
    private const int Width = 480;
    private const int Height = 260;
    private const int Left = 52;
    private const int Right = 12;
    private const int Top = 10;
    private const int Bottom = 38;

    private readonly double[] columns;
    private readonly double[] rows;

    /// <summary>A frame that covers ranges; each grows to whole ticks.</summary>
    public ChartFrame((double Low, double High) across, (double Low, double High) up)
    {
        columns = Ticks.Cover(across.Low, across.High, 6);
        rows = Ticks.Cover(up.Low, up.High, 5);
    }

    /// <summary>The range of values, which need not be in order.</summary>
    public static (double Low, double High) Range(IEnumerable<double> values)
    {
        double[] all = [.. values];
        // A single value still needs some room around it.
        var room = all.Max() - all.Min() is > 0 and var range
            ? 0.03 * range
            : Math.Max(0.05 * Math.Abs(all[0]), 1e-3);
        return (all.Min() - room, all.Max() + room);
    }

    /// <summary>A value's place across.</summary>
    public string X(double value) =>
        Number(Left + (value - columns[0]) / (columns[^1] - columns[0]) * (Width - Left - Right));

    /// <summary>A value's place down.</summary>
    public string Y(double value) => Number(Down(value));

    /// <summary>A line from side to side.</summary>
    public Markup Across(double value, string style) =>
        Markup.Of($"""<path class="{style}" d="M{Left} {Y(value)}H{Width - Right}"/>""");

    /// <summary>A band from side to side.</summary>
    public Markup Band(double low, double high, string style) =>
        Markup.Of(
            $"""<path class="{style}" d="M{Left} {Y(low)}H{Width - Right}V{Y(high)}H{Left}Z"/>"""
        );

    /// <summary>The chart.</summary>
    /// <param name="title">Its heading.</param>
    /// <param name="across">What is across.</param>
    /// <param name="content">What is drawn over the grid.</param>
    /// <param name="legend">Below it.</param>
    public Markup Draw(string title, string across, Markup content, Markup legend) =>
        Markup.Of(
            $"""
            <figure class="chart">
            <figcaption>{title}</figcaption>
            <svg viewBox="0 0 {Width} {Height}" role="img" aria-label="{title}">
            {Markup.Each(rows, Row)}{Markup.Each(columns, Column)}
            <text class="unit" x="{Width - Right}" y="{Height - 4}">{across}</text>
            {content}
            </svg>
            {legend}
            </figure>
            """
        );

    private Markup Row(double tick) =>
        Markup.Of(
            $"""<path class="grid" d="M{Left} {Y(tick)}H{Width - Right}"/><text class="row" x="{Left - 6}" y="{Number(Down(tick) + 4)}">{Tick(tick)}</text>"""
        );

    private Markup Column(double tick) =>
        Markup.Of(
            $"""<text class="column" x="{X(tick)}" y="{Height - Bottom + 17}">{Tick(tick)}</text>"""
        );

    private double Down(double value) =>
        Height - Bottom - (value - rows[0]) / (rows[^1] - rows[0]) * (Height - Top - Bottom);

    private static string Tick(double value) =>
        value.ToString("0.####;−0.####;0", CultureInfo.InvariantCulture);

    private static string Number(double value) =>
        value.ToString("0.#", CultureInfo.InvariantCulture);
}
