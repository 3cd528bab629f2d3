namespace KneeSeg.Reports.Charts;

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
