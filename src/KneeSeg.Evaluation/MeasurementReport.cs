using System.Text.Json;
using System.Text.Json.Serialization;
using KneeSeg.Morphometry;

namespace KneeSeg.Evaluation;

/// <summary>The result of <c>measure</c>: the morphometry of label volumes. Its JSON is <c>measurements.json</c>.</summary>
/// <param name="Format">The version of these fields.</param>
/// <param name="Cases">In the order they were given.</param>
/// <param name="Failed">Cases that could not be measured.</param>
public sealed record MeasurementReport(
    int Format,
    IReadOnlyList<MeasuredCase> Cases,
    IReadOnlyList<FailedCase> Failed
)
{
    /// <summary>As JSON, indented.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, JsonStyle.Indented);
}

/// <summary>The plates of a case. What a list of visits says of it is null without one.</summary>
/// <param name="Id">The case.</param>
public sealed record MeasuredCase(string Id)
{
    /// <summary>Whose knee it is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Subject { get; init; }

    /// <summary>Which of the subject's knees.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Knee { get; init; }

    /// <summary>The visit; 0 is the baseline.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Visit { get; init; }

    /// <summary>The scan of the visit; others than 1 repeat it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Scan { get; init; }

    /// <summary>Years since the baseline.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Years { get; init; }

    /// <summary>Every plate that it has.</summary>
    public IReadOnlyList<MeasuredPlate> Labels { get; init; } = [];

    /// <summary>Sums of plates and regions: the weight-bearing femur (cMF) and the compartments (MFTC, cMFTC), lateral ones too.</summary>
    public IReadOnlyList<RegionMeasures> Composites { get; init; } = [];

    /// <summary>The case with the measures of its knee.</summary>
    /// <param name="knee">The knee.</param>
    /// <param name="names">The names by label.</param>
    public MeasuredCase Of(Knee knee, IReadOnlyList<string> names) =>
        this with
        {
            Labels =
            [
                .. names
                    .Index()
                    .Where(one => knee[one.Index] is not null)
                    .Select(one => new MeasuredPlate(
                        one.Index,
                        one.Item,
                        knee.Measure(one.Index)!
                    )),
            ],
            Composites = knee.Composites(),
        };
}

/// <summary>A plate of a case.</summary>
/// <param name="Label">Its label.</param>
/// <param name="Name">Its name in the profile.</param>
/// <param name="Morphometry">Its measures.</param>
public sealed record MeasuredPlate(int Label, string Name, PlateMorphometry Morphometry);
