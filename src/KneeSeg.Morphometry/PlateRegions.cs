using KneeSeg.Imaging;

namespace KneeSeg.Morphometry;

/// <summary>
/// The parts of a cartilage: thirds of its extent from front to back, and halves of it from side to side where it is not
/// itself of one side. They are those of the reference, for the prediction too.
/// </summary>
public sealed class PlateRegions
{
    private static readonly string[] Thirds = ["posterior", "central", "anterior"];

    private readonly double posterior;
    private readonly double third;
    private readonly double middle;
    private readonly double medial;

    /// <summary>Divides a cartilage.</summary>
    /// <param name="name">Its name in the profile.</param>
    /// <param name="points">Its voxels in RAS+ mm.</param>
    /// <param name="medial">
    /// Along which direction of the first axis of space the medial side is, 1 or -1; 0 where it is not known.
    /// </param>
    public PlateRegions(string name, IReadOnlyList<Point3> points, int medial)
    {
        posterior = points.Min(p => p.Y);
        third = (points.Max(p => p.Y) - posterior) / 3;
        middle = (points.Min(p => p.X) + points.Max(p => p.X)) / 2;
        this.medial = name.Contains("medial") || name.Contains("lateral") ? 0 : medial;
    }

    /// <summary>The names of all regions.</summary>
    public IEnumerable<string> Names =>
        medial == 0
            ? Thirds.Reverse()
            : from side in new[] { "medial", "lateral" }
            from part in Thirds.Reverse()
            select $"{side} {part}";

    /// <summary>The region of a point; beyond the reference the nearest one.</summary>
    public string At(Point3 point)
    {
        var part = Thirds[
            third == 0 ? 1 : (int)Math.Clamp((point.Y - posterior) / third, 0, Thirds.Length - 1)
        ];
        if (medial == 0)
            return part;
        var side = (point.X - middle) * medial > 0 ? "medial" : "lateral";
        return $"{side} {part}";
    }
}
