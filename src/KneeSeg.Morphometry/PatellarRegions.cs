using KneeSeg.Imaging;

namespace KneeSeg.Morphometry;

/// <summary>
/// KneeSeg's own regions of the patella, for which no published ones were found: medial and lateral of its center, and thirds of
/// the area from above to below.
/// </summary>
internal sealed class PatellarRegions : PlateRegions
{
    private readonly Plate plate;
    private readonly double center;
    private readonly int medialSide;
    private readonly (double Upper, double Lower) thirds;

    public PatellarRegions(Plate plate, Plate medial, Plate lateral)
    {
        this.plate = plate;
        var cells = Bone(plate);
        center = cells.Sum(cell => cell.Total * cell.At.U) / cells.Sum(cell => cell.Total);
        medialSide = Math.Sign(plate.At(medial.Center).U - plate.At(lateral.Center).U);
        double Third(double share) => Quantile(cells, cell => cell.At.V, share);
        thirds = (Third(1 / 3.0), Third(2 / 3.0));
    }

    public override IReadOnlyList<string> Names => AllNames;

    /// <summary>The names of the regions.</summary>
    public static IReadOnlyList<string> AllNames { get; } =
    [
        "medial superior",
        "medial central",
        "medial inferior",
        "lateral superior",
        "lateral central",
        "lateral inferior",
    ];

    public override int At(Point3 point)
    {
        var (u, v) = plate.At(point);
        return ((u - center) * medialSide > 0 ? 0 : 3)
            + (
                v <= thirds.Upper ? 0
                : v <= thirds.Lower ? 1
                : 2
            );
    }
}
