using System.Text.Json.Serialization;

namespace KneeSeg.Data.Phantoms;

internal sealed record PlateTruth(
    [property: JsonPropertyName("region")] string Region,
    [property: JsonPropertyName("tAB")] double TotalArea,
    [property: JsonPropertyName("cAB")] double CoveredArea,
    [property: JsonPropertyName("dAB")] double DenudedArea,
    [property: JsonPropertyName("dABp")] double DenudedPercent,
    [property: JsonPropertyName("VC")] double Volume,
    [property: JsonPropertyName("VCtAB")] double VolumeOverArea,
    [property: JsonPropertyName("ThCtAB")] double ThicknessOverTotal,
    [property: JsonPropertyName("ThCcAB")] double? ThicknessOverCovered
)
{
    public static PlateTruth Of(string region, IReadOnlyCollection<CartilageElement> elements)
    {
        var total = elements.Sum(element => element.Area);
        var covered = elements.Where(element => element.Thickness > 0).Sum(element => element.Area);
        var volume = elements.Sum(element => element.Volume);
        var moment = elements.Sum(element => element.Area * element.Thickness);
        return new(
            region,
            total,
            covered,
            total - covered,
            100 * (total - covered) / total,
            volume,
            volume / total,
            moment / total,
            covered > 0 ? moment / covered : null
        );
    }
}
