using KneeSeg.Imaging;

namespace KneeSeg.Morphometry;

/// <summary>
/// Coordinates in which the bone interface of a cartilage plate is a height map: u and v in mm along the bone, right to
/// left and front to back (of the patella, down), and a height in mm from the bone into the joint. Bone labels are not
/// needed: the tibia lies below its cartilage, the patella in front of it, the femur inside its arc.
/// </summary>
public abstract class PlateChart
{
    /// <summary>The chart of a structure.</summary>
    /// <param name="name">Its name in the profile.</param>
    /// <param name="points">Its voxels in RAS+ mm.</param>
    /// <returns>Null for other structures and for too few voxels.</returns>
    public static PlateChart? Of(string name, IReadOnlyList<Point3> points) =>
        points.Count == 0
            ? null
            : BoneOf(name) switch
            {
                "tibia" => PlaneChart.Facing(Center(points), new(0, 0, 1), new(0, -1, 0)),
                "patella" => PlaneChart.Facing(Center(points), new(0, -1, 0), new(0, 0, -1)),
                "femur" => CylinderChart.Around(points),
                _ => null,
            };

    /// <summary>Whether a structure is a cartilage plate, by its name in the profile.</summary>
    public static bool IsPlate(string name) => BoneOf(name) is not null;

    /// <summary>The bone under a cartilage plate, as profiles name it; null for other structures.</summary>
    public static string? BoneOf(string name) =>
        !Has(name, "cartilage") ? null
        : Has(name, "tibia") ? "tibia"
        : Has(name, "patella") ? "patella"
        : Has(name, "femoral", "femur") ? "femur"
        : null;

    /// <summary>The point in RAS+ mm.</summary>
    public abstract Point3 Position(double u, double v, double height);

    /// <summary>The coordinates of a point in RAS+ mm.</summary>
    public abstract (double U, double V, double Height) At(Point3 point);

    /// <summary>The derivatives of the position by u, v and height.</summary>
    public abstract (Point3 U, Point3 V, Point3 Height) Tangents(double u, double v, double height);

    /// <summary>The smallest valid height in mm.</summary>
    public virtual double Lowest => double.NegativeInfinity;

    private static bool Has(string name, params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
            if (name.Contains(word, StringComparison.OrdinalIgnoreCase))
                return true;
        return false;
    }

    private static Point3 Center(IReadOnlyList<Point3> points) =>
        new(points.Average(p => p.X), points.Average(p => p.Y), points.Average(p => p.Z));
}

/// <summary>Of a flat bone: heights over a plane.</summary>
internal sealed class PlaneChart : PlateChart
{
    private readonly Point3 center;
    private readonly Point3 across;
    private readonly Point3 down;
    private readonly Point3 up;

    private PlaneChart(Point3 center, Point3 across, Point3 down, Point3 up) =>
        (this.center, this.across, this.down, this.up) = (center, across, down, up);

    /// <summary>The plane through a point whose heights grow along a direction, v as near to another as can be.</summary>
    public static PlaneChart Facing(Point3 center, Point3 up, Point3 down)
    {
        var v = Unit(down - Point3.Dot(down, up) * up);
        // Either hand: u runs to the subject's left, of a mirrored knee too.
        var u = Unit(Point3.Cross(up, v));
        return new(center, u.X > 0 ? -1 * u : u, v, up);
    }

    public override Point3 Position(double u, double v, double height) =>
        center + u * across + v * down + height * up;

    public override (double U, double V, double Height) At(Point3 point)
    {
        var from = point - center;
        return (Point3.Dot(from, across), Point3.Dot(from, down), Point3.Dot(from, up));
    }

    public override (Point3 U, Point3 V, Point3 Height) Tangents(double u, double v, double h) =>
        (across, down, up);

    /// <summary>The plane that looks along another direction into the joint.</summary>
    public PlaneChart Turned(Point3 intoJoint) => Facing(center, Unit(intoJoint), down);

    private static Point3 Unit(Point3 direction) => 1 / direction.Length * direction;
}

/// <summary>Of the femur: distances from an axis from side to side.</summary>
internal sealed class CylinderChart : PlateChart
{
    private readonly Point3 center;
    private readonly double radius;

    private CylinderChart(Point3 center, double radius) =>
        (this.center, this.radius) = (center, radius);

    /// <summary>
    /// About the circle of least squares (Kåsa 1976) in the sagittal plane; null where voxels make no arc.
    /// </summary>
    public static CylinderChart? Around(IReadOnlyList<Point3> points)
    {
        var (a, s) = (points.Average(p => p.Y), points.Average(p => p.Z));
        var (uu, uv, vv, ru, rv) = (0.0, 0.0, 0.0, 0.0, 0.0);
        foreach (var point in points)
        {
            var (u, v) = (point.Y - a, point.Z - s);
            var r = (u * u + v * v) / 2;
            (uu, uv, vv, ru, rv) = (uu + u * u, uv + u * v, vv + v * v, ru + r * u, rv + r * v);
        }
        var determinant = uu * vv - uv * uv;
        // In a line, or a single voxel.
        if (determinant <= 1e-9 * uu * vv)
            return null;
        var center = new Point3(
            points.Average(p => p.X),
            a + (ru * vv - rv * uv) / determinant,
            s + (rv * uu - ru * uv) / determinant
        );
        return new(
            center,
            points.Average(p => Math.Sqrt(Squared(p.Y - center.Y) + Squared(p.Z - center.Z)))
        );
    }

    public override Point3 Position(double u, double v, double height)
    {
        var (sine, cosine) = Math.SinCos(v / radius);
        return new(center.X - u, center.Y + height * cosine, center.Z - height * sine);
    }

    public override (double U, double V, double Height) At(Point3 point)
    {
        var (front, below) = (point.Y - center.Y, center.Z - point.Z);
        var angle = Math.Atan2(below, front);
        // From above over the front and below to behind: the shaft is above, so no cartilage is cut in two.
        if (angle < -Math.PI / 2)
            angle += 2 * Math.PI;
        return (center.X - point.X, radius * angle, Math.Sqrt(Squared(front) + Squared(below)));
    }

    public override (Point3 U, Point3 V, Point3 Height) Tangents(double u, double v, double height)
    {
        var (sine, cosine) = Math.SinCos(v / radius);
        return (
            new(-1, 0, 0),
            height / radius * new Point3(0, -sine, -cosine),
            new(0, cosine, -sine)
        );
    }

    public override double Lowest => 0;

    private static double Squared(double value) => value * value;
}
