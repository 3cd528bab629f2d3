namespace KneeSeg.Evaluation.Thickness;

/// <summary>Compares the thickness of a cartilage in reference and prediction.</summary>
internal static class CartilagePlates
{
    /// <summary>Compares both in the reference's chart.</summary>
    /// <param name="name">The cartilage's name in the profile.</param>
    /// <param name="reference">The reference mask; not empty.</param>
    /// <param name="prediction">The predicted mask; may be empty.</param>
    /// <param name="medial">As <see cref="PlateRegions" /> takes it.</param>
    /// <returns>Null for structures other than cartilage plates.</returns>
    public static PlateComparison? Compare(
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
            new(Mean(inReference, of), Mean(inPrediction, of));
        ThicknessPair In(string region)
        {
            bool Has(PlateElement element) => regions.At(element.Position) == region;
            return new(
                Mean(inReference.Where(Has), element => element.Normal),
                Mean(inPrediction.Where(Has), element => element.Normal)
            );
        }
        return new(
            Pair(element => element.Normal),
            Pair(element => element.Nearest),
            [.. regions.Names.Select(region => new RegionThickness(region, In(region)))]
        );
    }

    private static double? Mean(IEnumerable<PlateElement> elements, Func<PlateElement, double> of)
    {
        var (sum, area) = (0.0, 0.0);
        foreach (var element in elements)
            (sum, area) = (sum + element.Area * of(element), area + element.Area);
        return area > 0 ? sum / area : null;
    }
}
