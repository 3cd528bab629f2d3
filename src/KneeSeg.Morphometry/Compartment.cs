namespace KneeSeg.Morphometry;

/// <summary>
/// The weight-bearing femur and the femorotibial compartments, medial and lateral. Areas, volumes and thicknesses of a
/// compartment are sums of tibia and femur, not means (Eckstein et al. 2006).
/// </summary>
internal static class Compartment
{
    /// <summary>Those whose plates have subregions: cMF, MFTC, cMFTC, and the lateral ones.</summary>
    public static IReadOnlyList<RegionMeasures> Of(IEnumerable<Plate> plates)
    {
        Plate[] divided = [.. plates.Where(plate => plate.Regions is not null)];
        return [.. Side(divided, "M"), .. Side(divided, "L")];
    }

    private static IEnumerable<RegionMeasures> Side(Plate[] plates, string side)
    {
        Plate? Having(string region) =>
            Array.Find(plates, plate => plate.RegionNames.Contains(region));
        string[] thirds = FemoralRegions.Thirds($"{side}F");
        if (Having(thirds[1]) is not { } femur)
            yield break;
        var regions = femur.Measure().Regions.ToDictionary(region => region.Region);
        var bearing = RegionMeasures.Of(
            $"c{side}F",
            [.. thirds.SelectMany(femur.CellsOf)],
            [.. thirds.Select(third => regions[third])]
        );
        yield return bearing;
        if (Having($"c{side}T") is not { } tibia)
            yield break;
        var tibial = tibia.Measure().Regions;
        yield return RegionMeasures.Sum($"{side}FTC", tibial[0], bearing);
        yield return RegionMeasures.Sum(
            $"c{side}FTC",
            tibial.Single(region => region.Region == $"c{side}T"),
            regions[thirds[1]]
        );
    }
}
