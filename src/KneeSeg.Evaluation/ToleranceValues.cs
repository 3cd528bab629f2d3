using System.Text.Json.Serialization;

namespace KneeSeg.Evaluation;

/// <summary>A value for each tolerance of surface Dice, in mm.</summary>
/// <param name="Half">At 0.5 mm.</param>
/// <param name="One">At 1 mm.</param>
/// <param name="Two">At 2 mm.</param>
public sealed record ToleranceValues<T>(
    [property: JsonPropertyName("0.5")] T Half,
    [property: JsonPropertyName("1.0")] T One,
    [property: JsonPropertyName("2.0")] T Two
)
{
    /// <summary>One value from each tolerance.</summary>
    internal static ToleranceValues<T> From(Func<double, T> value) =>
        new(value(0.5), value(1), value(2));
}
