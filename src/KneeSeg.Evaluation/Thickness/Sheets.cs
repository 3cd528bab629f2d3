using KneeSeg.Imaging;

namespace KneeSeg.Evaluation;

/// <summary>Compares the thickness of a cartilage in reference and prediction.</summary>
internal static class Sheets
{
    /// <summary>Compares.</summary>
    /// <param name="name">The cartilage's name in the profile.</param>
    /// <param name="reference">What is true; not empty.</param>
    /// <param name="prediction">What was found; it may be empty.</param>
    /// <param name="medial">As <see cref="SheetRegions" /> takes it.</param>
    /// <returns>Null for a structure that is no sheet on a bone.</returns>
    public static SheetComparison? Compare(
        string name,
        CutMask reference,
        CutMask prediction,
        int medial
    )
    {
        Point3[] places = [.. reference.Places()];
        if (BoneSide.Of(name, places) is not { } towardsBone)
            return null;
        var regions = new SheetRegions(name, places, medial);
        var (truth, found) = (
            new SheetThickness(reference, towardsBone),
            new SheetThickness(prediction, towardsBone)
        );
        ThicknessPair Pair(Func<SheetThickness, double[]> of, string? region = null) =>
            new(Mean(truth, of(truth), regions, region), Mean(found, of(found), regions, region));
        return new(
            Pair(sheet => sheet.Normal),
            Pair(sheet => sheet.Nearest),
            [
                .. regions.Names.Select(region => new RegionThickness(
                    region,
                    Pair(sheet => sheet.Normal, region)
                )),
            ]
        );
    }

    private static double? Mean(
        SheetThickness sheet,
        double[] thickness,
        SheetRegions regions,
        string? region
    )
    {
        var (sum, area) = (0.0, 0.0);
        for (var i = 0; i < thickness.Length; i++)
        {
            var element = sheet.Bone[i];
            if (region is not null && regions.At(element.Place) != region)
                continue;
            sum += element.Area * thickness[i];
            area += element.Area;
        }
        return area > 0 ? sum / area : null;
    }
}
