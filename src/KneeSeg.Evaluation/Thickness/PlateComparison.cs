using KneeSeg.Imaging;

namespace KneeSeg.Evaluation.Thickness;

/// <summary>
/// The thickness of a cartilage in reference and prediction, in mm: along the normal of its bone interface, and to the
/// nearest point of its articular surface. Area-weighted means over the bone interface.
/// </summary>
/// <param name="Normal">Along the normal.</param>
/// <param name="Nearest">To the nearest point.</param>
/// <param name="Regions">Along the normal, by region.</param>
public sealed record PlateComparison(
    ThicknessPair Normal,
    ThicknessPair Nearest,
    IReadOnlyList<RegionThickness> Regions
)
{
    /// <summary>Compares both in the reference's chart.</summary>
    /// <param name="name">The cartilage's name in the profile.</param>
    /// <param name="reference">The reference mask; not empty.</param>
    /// <param name="prediction">The predicted mask; may be empty.</param>
    /// <param name="medial">As <see cref="PlateRegions" /> takes it.</param>
    /// <returns>Null for structures other than cartilage plates.</returns>
    internal static PlateComparison? Of(
        string name,
        SubvoxelMask reference,
        SubvoxelMask prediction,
        int medial
    )
    {
        if (PlateThickness.ChartOf(name, reference) is not { } chart)
            return null;
        var regions = new PlateRegions(name, [.. reference.Points()], medial);
        var inReference = PlateThickness.Elements(reference, chart);
        var inPrediction = PlateThickness.Elements(prediction, chart);
        ThicknessPair Pair(Func<PlateElement, double> of) =>
            new(PlateThickness.Mean(inReference, of), PlateThickness.Mean(inPrediction, of));
        ThicknessPair In(string region)
        {
            bool Has(PlateElement element) => regions.At(element.Position) == region;
            return new(
                PlateThickness.Mean(inReference.Where(Has), element => element.Normal),
                PlateThickness.Mean(inPrediction.Where(Has), element => element.Normal)
            );
        }
        return new(
            Pair(element => element.Normal),
            Pair(element => element.Nearest),
            [.. regions.Names.Select(region => new RegionThickness(region, In(region)))]
        );
    }
}

/// <summary>A mean thickness in mm; null if the structure or region is absent.</summary>
/// <param name="Reference">Of the reference.</param>
/// <param name="Prediction">Of the prediction.</param>
public sealed record ThicknessPair(double? Reference, double? Prediction)
{
    /// <summary>How much thicker the prediction is.</summary>
    public double? Error => Prediction - Reference;
}

/// <summary>The mean thickness in one region of a cartilage.</summary>
/// <param name="Name">Such as <c>medial anterior</c>.</param>
/// <param name="Thickness">There.</param>
public sealed record RegionThickness(string Name, ThicknessPair Thickness);

/// <summary>
/// The parts of a cartilage: thirds of its extent from front to back, and halves of it from side to side where it is not
/// itself of one side. They are those of the reference, for the prediction too.
/// </summary>
internal sealed class PlateRegions
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
