using System.Globalization;
using System.Text;
using KneeSeg.Reports.Html;

namespace KneeSeg.Reports.Charts;

/// <summary>
/// Lines over epochs as inline SVG with a legend below. The browser draws the text, so no font is needed here, and
/// the style sheet has the colors, so the chart follows the reader's light or dark page.
/// </summary>
internal static class LineChart
{
    private const int Width = 480;
    private const int Height = 260;
    private const int Left = 42;
    private const int Right = 10;
    private const int Top = 10;
    private const int Bottom = 36;

    /// <summary>Draws lines; y reaches from 0, or below, to the highest value, or to <paramref name="highest"/>.</summary>
    /// <param name="title">The heading of the chart.</param>
    /// <param name="lines">At least one point in all.</param>
    /// <param name="highest">Where y ends; null to find it.</param>
    public static Markup Draw(string title, IReadOnlyList<ChartLine> lines, double? highest = null)
    {
        var points = lines
            .SelectMany(line => line.Points)
            .Where(p => double.IsFinite(p.Y))
            .ToArray();
        var spread = lines.SelectMany(line => line.Band ?? []).ToArray();
        var rows = Ticks.Cover(
            Math.Min(0, points.Min(p => p.Y)),
            highest ?? points.Select(p => p.Y).Concat(spread.Select(b => b.High)).Max(),
            5
        );
        var (first, last) = ((int)points.Min(p => p.X), (int)points.Max(p => p.X));
        var columns = Ticks.Whole(first, last, 8);
        var across = new Axis(first, Math.Max(last, first + 1), Left, Width - Right);
        var down = new Axis(rows[0], rows[^1], Height - Bottom, Top);
        return Markup.Of(
            $"""
            <figure class="chart">
            <figcaption>{title}</figcaption>
            <svg viewBox="0 0 {Width} {Height}" role="img" aria-label="{title}">
            {Markup.Each(rows, tick => Row(tick, down))}{Markup.Each(
                columns,
                tick => Column(tick, across)
            )}
            <text class="unit" x="{Width - Right}" y="{Height - 4}">epoch</text>
            {Markup.Each(lines, line => Band(line, across, down))}
            {Markup.Each(lines, line => Line(line, across, down))}
            </svg>
            <ul class="legend">{Markup.Each(lines, Legend)}</ul>
            </figure>
            """
        );
    }

    private static Markup Row(double tick, Axis down) =>
        Markup.Of(
            $"""<path class="grid" d="M{Left} {Number(down.At(tick))}H{Width - Right}"/><text class="row" x="{Left - 6}" y="{Number(down.At(tick) + 4)}">{tick.ToString("0.####", CultureInfo.InvariantCulture)}</text>"""
        );

    private static Markup Column(double tick, Axis across) =>
        Markup.Of(
            $"""<text class="column" x="{Number(across.At(tick))}" y="{Height - Bottom + 17}">{Number(tick)}</text>"""
        );

    private static Markup Band(ChartLine line, Axis across, Axis down)
    {
        if (line.Band is not { } band)
            return Markup.None;
        string At(double x, double y) => $"{Number(across.At(x))} {Number(down.At(y))}";
        var around = line
            .Points.Zip(band, (point, edge) => At(point.X, edge.High))
            .Concat(
                line.Points.Zip(band, (point, edge) => At(point.X, Math.Max(0, edge.Low))).Reverse()
            );
        return Markup.Of($"""<path class="band {line.Style}" d="M{string.Join('L', around)}Z"/>""");
    }

    private static Markup Line(ChartLine line, Axis across, Axis down)
    {
        var path = new StringBuilder();
        var drawing = false;
        foreach (var (x, y) in line.Points)
        {
            if (double.IsFinite(y))
                path.Append(
                    CultureInfo.InvariantCulture,
                    $"{(drawing ? 'L' : 'M')}{across.At(x):0.#} {down.At(y):0.#}"
                );
            drawing = double.IsFinite(y);
        }
        // A point alone would leave no mark: a line of no length with round caps is a dot.
        if (line.Points.Count == 1)
            path.Append("h0");
        return Markup.Of(
            $"""<path class="line {line.Style}" d="{path.ToString()}"><title>{line.Name}</title></path>"""
        );
    }

    private static Markup Legend(ChartLine line) =>
        Markup.Of(
            $"""<li><svg viewBox="0 0 26 8" aria-hidden="true"><path class="line {line.Style}" d="M1 4H25"/></svg>{line.Name} <b>{line.Last}</b></li>"""
        );

    private static string Number(double value) =>
        value.ToString("0.#", CultureInfo.InvariantCulture);

    private readonly record struct Axis(double First, double Last, double From, double To)
    {
        public double At(double value) => From + (value - First) / (Last - First) * (To - From);
    }
}

/// <summary>A line of a chart.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Style">Its class in the style sheet, which has its color and dashes.</param>
/// <param name="Points">From left to right; a gap where Y is not finite.</param>
/// <param name="Last">The last value as text, for the legend.</param>
/// <param name="Band">How far values spread at each point; null draws none.</param>
internal sealed record ChartLine(
    string Name,
    string Style,
    IReadOnlyList<(double X, double Y)> Points,
    string Last,
    IReadOnlyList<(double Low, double High)>? Band = null
);

/// <summary>Round numbers along an axis: steps of 1, 2 or 5 times a power of ten.</summary>
internal static class Ticks
{
    /// <summary>About so many ticks that cover a range; the first is at or below it, the last at or above.</summary>
    public static double[] Cover(double from, double to, int about)
    {
        to = to > from ? to : from + 1;
        var step = Step((to - from) / about);
        var first = Math.Floor(from / step + 1e-9);
        var last = Math.Max(first + 1, Math.Ceiling(to / step - 1e-9));
        return [.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => (first + i) * step)];
    }

    /// <summary>Whole numbers inside a range, both of its ends among them.</summary>
    public static double[] Whole(int from, int to, int about)
    {
        var step = (int)Math.Max(1, Step((double)(to - from) / about));
        var inner = Enumerable
            .Range(from, to - from + 1)
            .Where(i => i % step == 0 && i - from >= step / 2 && to - i > step / 2);
        return [.. new[] { from }.Concat(inner).Append(to).Distinct().Select(i => (double)i)];
    }

    private static double Step(double rough)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        // The bounds are the geometric means of neighbors.
        return (rough / power) switch
        {
            < 1.41 => power,
            < 3.16 => 2 * power,
            < 7.07 => 5 * power,
            _ => 10 * power,
        };
    }
}
