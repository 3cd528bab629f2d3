using System.Text.Json.Serialization;
using KneeSeg.Imaging;

namespace KneeSeg.Morphometry;

/// <summary>The morphometry of a cartilage plate.</summary>
/// <param name="BoneInterface"><c>label</c> if the bone's label shows it, <c>inferred</c> if the cartilage does.</param>
/// <param name="Regions">The plate as <c>whole</c>, then the regions that divide it.</param>
/// <param name="Defects">Where the bone is denuded, the largest first.</param>
public sealed record PlateMorphometry(
    string BoneInterface,
    IReadOnlyList<RegionMeasures> Regions,
    IReadOnlyList<Defect> Defects
)
{
    /// <summary>Why the plate is not divided; null if it is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RegionsOmitted { get; init; }

    /// <summary>The plate itself.</summary>
    [JsonIgnore]
    public RegionMeasures Whole => Regions[0];
}

/// <summary>A full-thickness defect: a place without cartilage that cartilage surrounds, or a deep notch of its outline.</summary>
/// <param name="Area">In mm².</param>
/// <param name="Region">The region of its middle; null without regions.</param>
/// <param name="Place">Its middle: right, anterior, superior in mm.</param>
public sealed record Defect(double Area, string? Region, IReadOnlyList<double> Place);
