using KneeSeg.Imaging;

namespace KneeSeg.Morphometry;

/// <summary>
/// The central, external, internal, anterior and posterior part of a tibial plate: an ellipse about its center with its
/// principal axes has 20 % of the area; the rest is cut by lines at 45° to the one that joins both plates' centers.
/// </summary>
internal sealed class TibialRegions : PlateRegions
{
    private const double CentralShare = 0.2;

    private readonly Plate plate;
    private readonly (double U, double V) center;
    private readonly (double U, double V) inwards;
    private readonly (double UU, double UV, double VV) shape;
    private readonly double size;

    /// <summary>Divides a plate.</summary>
    /// <param name="plate">The plate.</param>
    /// <param name="other">The other tibial plate.</param>
    /// <param name="code">The plate's name in the nomenclature, <c>MT</c> or <c>LT</c>.</param>
    public TibialRegions(Plate plate, Plate other, string code)
    {
        this.plate = plate;
        Names = NamesOf(code);
        var cells = Bone(plate);
        var area = cells.Sum(cell => cell.Total);
        double Mean(Func<PlateCell, double> of) => cells.Sum(cell => cell.Total * of(cell)) / area;
        center = (Mean(cell => cell.At.U), Mean(cell => cell.At.V));
        var towards = plate.At(other.Center);
        inwards = (towards.U - center.U, towards.V - center.V);

        // The ellipse of the second moments, by the inverse of their matrix.
        var (uu, uv, vv) = (
            Mean(cell => (cell.At.U - center.U) * (cell.At.U - center.U)),
            Mean(cell => (cell.At.U - center.U) * (cell.At.V - center.V)),
            Mean(cell => (cell.At.V - center.V) * (cell.At.V - center.V))
        );
        var determinant = uu * vv - uv * uv;
        shape = (vv / determinant, -uv / determinant, uu / determinant);
        size = Quantile(cells, cell => Size(cell.At), CentralShare);
    }

    public override IReadOnlyList<string> Names { get; }

    /// <summary>The names of a plate's regions.</summary>
    public static IReadOnlyList<string> NamesOf(string code) =>
        [$"c{code}", $"e{code}", $"i{code}", $"a{code}", $"p{code}"];

    public override int At(Point3 point)
    {
        var at = plate.At(point);
        if (Size(at) <= size)
            return 0;
        var (u, v) = (at.U - center.U, at.V - center.V);
        var along = u * inwards.U + v * inwards.V;
        var aside = u * inwards.V - v * inwards.U;
        return Math.Abs(along) >= Math.Abs(aside)
            ? along < 0
                ? 1
                : 2
            // Rows run from front to back, and inwards is to the left or to the right.
            : aside * inwards.U > 0
                ? 3
                : 4;
    }

    private double Size((double U, double V) at)
    {
        var (u, v) = (at.U - center.U, at.V - center.V);
        return shape.UU * u * u + 2 * shape.UV * u * v + shape.VV * v * v;
    }
}
