namespace KneeSeg.Evaluation;

/// <summary>
/// How thick a cartilage is in reference and prediction, in mm: along the normal of its face on the bone, and to the
/// nearest place of its face in the joint. Means over the face on the bone, by area.
/// </summary>
/// <param name="Normal">Along the normal.</param>
/// <param name="Nearest">To the nearest place.</param>
/// <param name="Regions">Along the normal, by region.</param>
public sealed record PlateComparison(
    ThicknessPair Normal,
    ThicknessPair Nearest,
    IReadOnlyList<RegionThickness> Regions
);

/// <summary>A mean thickness in mm; null where a structure or a region of it is not there.</summary>
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
