using System.Numerics;

namespace KneeSeg.Evaluation;

/// <summary>Percentiles, linear between the two nearest values (Hyndman and Fan's seventh kind, numpy's default).</summary>
internal static class Percentile
{
    /// <summary>Of at least one value, in ascending order.</summary>
    public static T Of<T>(ReadOnlySpan<T> sorted, double percent)
        where T : IBinaryFloatingPointIeee754<T>
    {
        var place = percent / 100 * (sorted.Length - 1);
        var lower = (int)place;
        var upper = Math.Min(lower + 1, sorted.Length - 1);
        return sorted[lower] + T.CreateTruncating(place - lower) * (sorted[upper] - sorted[lower]);
    }
}
