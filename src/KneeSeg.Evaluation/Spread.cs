using System.Text.Json.Serialization;

namespace KneeSeg.Evaluation;

/// <summary>Mean and spread of a measure over the cases where it is defined.</summary>
/// <param name="Mean">Null without such a case.</param>
/// <param name="Sd">The sample's standard deviation (n - 1); null with fewer than two.</param>
public sealed record Spread(double? Mean, double? Sd)
{
    /// <summary>In how many cases the measure is defined.</summary>
    [JsonIgnore]
    public int Count { get; init; }

    /// <summary>Of the values that are not null.</summary>
    public static Spread Of(IEnumerable<double?> values)
    {
        double[] defined = [.. values.OfType<double>()];
        if (defined.Length == 0)
            return new(null, null);
        var mean = defined.Average();
        var squares = defined.Sum(value => (value - mean) * (value - mean));
        double? sd = defined.Length > 1 ? Math.Sqrt(squares / (defined.Length - 1)) : null;
        return new(mean, sd) { Count = defined.Length };
    }
}
