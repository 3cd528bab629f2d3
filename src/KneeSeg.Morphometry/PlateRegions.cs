using KneeSeg.Imaging;

namespace KneeSeg.Morphometry;

/// <summary>
/// The subregions of a plate, defined on its total area of bone. They are places, so that another segmentation or another
/// visit has the same ones. Medial and lateral are recognized by the centers of the two tibial plates, so that a mirrored knee
/// has the same regions.
/// </summary>
internal abstract class PlateRegions
{
    /// <summary>The names of all regions.</summary>
    public abstract IReadOnlyList<string> Names { get; }

    /// <summary>The number of the region of a point of the bone interface, which may be beyond the plate.</summary>
    public abstract int At(Point3 point);

    /// <summary>Divides a plate.</summary>
    /// <param name="plate">The plate.</param>
    /// <param name="medial">The medial tibial plate; null if it is absent.</param>
    /// <param name="lateral">The lateral one.</param>
    /// <returns>The regions, or null and the reason.</returns>
    public static (PlateRegions? Regions, string? Omitted) Of(
        Plate plate,
        Plate? medial,
        Plate? lateral
    )
    {
        if (medial is null || lateral is null)
            return (
                null,
                "medial and lateral are recognized by the two tibial cartilages, of which one is missing or has no label of its own"
            );
        return PlateChart.BoneOf(plate.Name) switch
        {
            "tibia" when plate == medial => (new TibialRegions(plate, lateral, "MT"), null),
            "tibia" when plate == lateral => (new TibialRegions(plate, medial, "LT"), null),
            "femur" => FemoralRegions.Divide(plate, medial, lateral) is { } femoral
                ? (femoral, null)
                : (null, "no notch divides the condyles"),
            "patella" => (new PatellarRegions(plate, medial, lateral), null),
            _ => (null, "it is neither the medial nor the lateral plate"),
        };
    }

    /// <summary>The cells of the plate itself, without what lies beyond its outline.</summary>
    protected static PlateCell[] Bone(Plate plate) =>
        [.. plate.Cells.Where(cell => cell.Total > 0)];

    /// <summary>The value that divides the area: what a share of it does not exceed.</summary>
    protected static double Quantile(
        IEnumerable<PlateCell> cells,
        Func<PlateCell, double> of,
        double share
    )
    {
        var sorted = cells
            .Select(cell => (Value: of(cell), Area: cell.Total + cell.Beyond))
            .OrderBy(cell => cell.Value)
            .ToArray();
        var rest = share * sorted.Sum(cell => cell.Area);
        var last = Array.FindIndex(sorted, cell => (rest -= cell.Area) <= 0);
        var value = sorted[last < 0 ? ^1 : last].Value;
        // Between two values, so that rounding divides equal ones alike.
        var next = sorted.Select(cell => cell.Value).FirstOrDefault(v => v > value + 1e-6, value);
        return (value + next) / 2;
    }
}
