using System.Globalization;
using KneeSeg.Evaluation.Longitudinal;
using KneeSeg.Rendering;
using KneeSeg.Reports.Html;
using KneeSeg.Reports.Page;

namespace KneeSeg.Reports.Longitudinal;

/// <summary>
/// Mean change by subregion as a schematic map: the femoral cartilage unrolled above the tibial plates seen from above, anterior
/// on top, medial on the left.
/// </summary>
internal static class PlateMap
{
    private const int Width = 560;
    private const int Height = 560;

    // Halves of the tibial ellipses; the center has a fifth of their area.
    private const double Across = 104;
    private const double Along = 122;
    private const double TibiaMiddle = 420;
    private static readonly double Center = Math.Sqrt(0.2);

    /// <summary>Draws a map; nothing where no region is one of the subregions.</summary>
    /// <param name="changes">Mean change by standard name.</param>
    public static Markup Draw(IReadOnlyDictionary<string, double?> changes)
    {
        var shapes = Shapes().ToArray();
        double[] known =
        [
            .. shapes.Select(shape => changes.GetValueOrDefault(shape.Region)).OfType<double>(),
        ];
        if (known.Length == 0)
            return Markup.None;
        var end = Round(known.Max(Math.Abs));
        var scale = ColorScale.Difference with { Low = -end, High = end };
        return Markup.Of(
            $"""
            <figure class="plates">
            <svg viewBox="0 0 {Width} {Height}" role="img" aria-label="Mean change by subregion">
            <text class="side" x="140" y="16">medial</text><text class="side" x="420" y="16">lateral</text>
            {Markup.Each(
                shapes,
                shape => Draw(shape, changes.GetValueOrDefault(shape.Region), scale)
            )}
            </svg>
            <div class="panel"><span class="scale" style="background:{scale.Css}"></span><span class="ends"><b>{NumberText.Change(
                -end
            )}</b><span>mean change</span><b>{NumberText.Change(end)}</b></span></div>
            </figure>
            """
        );
    }

    private static Markup Draw(Shape shape, double? change, ColorScale scale) =>
        Markup.Of(
            $"""<path class="region" d="{shape.Path}" fill="{(change is { } value ? scale.At(value).ToString() : "none")}"/><text class="region" x="{Number(shape.X)}" y="{Number(shape.Y)}">{shape.Region}</text><text class="region" x="{Number(shape.X)}" y="{Number(shape.Y + 14)}">{NumberText.Change(change)}</text>"""
        );

    private static IEnumerable<Shape> Shapes()
    {
        foreach (var (side, middle, external) in new[] { ("M", 140.0, -1), ("L", 420.0, 1) })
        {
            yield return Box($"a{side}F", middle, 28, 80, 201);
            foreach (var (third, place) in new[] { ("ec", external), ("cc", 0), ("ic", -external) })
                yield return Box($"{third}{side}F", middle + place * 67, 108, 100, 67);
            yield return Box($"p{side}F", middle, 208, 60, 201);
            yield return Middle($"c{side}T", middle);
            yield return Sector($"a{side}T", middle, 270);
            yield return Sector($"p{side}T", middle, 90);
            yield return Sector($"e{side}T", middle, external < 0 ? 180 : 0);
            yield return Sector($"i{side}T", middle, external < 0 ? 0 : 180);
        }
    }

    private static Shape Box(string region, double x, double top, double height, double width) =>
        new(
            region,
            $"M{Number(x - width / 2)} {Number(top)}h{Number(width)}v{Number(height)}h{Number(-width)}Z",
            x,
            top + height / 2 - 3
        );

    private static Shape Middle(string region, double x)
    {
        var (a, b) = (Number(Center * Across), Number(Center * Along));
        return new(
            region,
            $"M{Number(x - Center * Across)} {Number(TibiaMiddle)}a{a} {b} 0 1 1 {Number(2 * Center * Across)} 0a{a} {b} 0 1 1 {Number(-2 * Center * Across)} 0Z",
            x,
            TibiaMiddle - 3
        );
    }

    // A quarter of the ring between the center and the outline, about a direction in degrees, clockwise from the right.
    private static Shape Sector(string region, double x, double direction)
    {
        (double X, double Y) At(double part, double degrees)
        {
            var (sine, cosine) = Math.SinCos(degrees * Math.PI / 180);
            return (x + part * Across * cosine, TibiaMiddle + part * Along * sine);
        }
        string Point(double part, double degrees) =>
            $"{Number(At(part, degrees).X)} {Number(At(part, degrees).Y)}";
        string Arc(double part, double degrees, int sweep) =>
            $"A{Number(part * Across)} {Number(part * Along)} 0 0 {sweep} {Point(part, degrees)}";
        var (from, to) = (direction - 45, direction + 45);
        var middle = At((1 + Center) / 2, direction);
        return new(
            region,
            $"M{Point(Center, from)}L{Point(1, from)}{Arc(1, to, 1)}L{Point(Center, to)}{Arc(Center, from, 0)}Z",
            middle.X,
            middle.Y - 3
        );
    }

    // Up to a number of one digit.
    private static double Round(double value)
    {
        var unit = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(value, 1e-3))));
        return Math.Ceiling(value / unit - 1e-9) * unit;
    }

    private static string Number(double value) =>
        value.ToString("0.#", CultureInfo.InvariantCulture);

    private sealed record Shape(string Region, string Path, double X, double Y);
}
