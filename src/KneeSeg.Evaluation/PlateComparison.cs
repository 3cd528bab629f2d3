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
    /// <summary>Compares a plate with a prediction measured at the same cells.</summary>
    /// <param name="reference">The plate.</param>
    /// <param name="prediction">The predicted one; it may have no cartilage.</param>
    internal static PlateComparison Of(Plate reference, Plate prediction) =>
        new(
            new(Plate.MeanThickness(reference.Cells), Plate.MeanThickness(prediction.Cells)),
            new(reference.MeanNearest(), prediction.MeanNearest()),
            [
                .. reference.RegionNames.Select(region => new RegionThickness(
                    region,
                    new(
                        Plate.MeanThickness(reference.CellsOf(region)),
                        Plate.MeanThickness(prediction.CellsOf(region))
                    )
                )),
            ]
        );
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
/// <param name="Name">Such as <c>cMT</c>.</param>
/// <param name="Thickness">There.</param>
public sealed record RegionThickness(string Name, ThicknessPair Thickness);
