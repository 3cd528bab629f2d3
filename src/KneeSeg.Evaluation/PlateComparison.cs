using KneeSeg.Morphometry;

namespace KneeSeg.Evaluation;

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
