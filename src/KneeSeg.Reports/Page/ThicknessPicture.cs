using KneeSeg.Evaluation;
using KneeSeg.Imaging;
using KneeSeg.Rendering;

namespace KneeSeg.Reports.Page;

/// <summary>Maps of thickness as pictures, a pixel for a pixel.</summary>
internal static class ThicknessPicture
{
    private static readonly Rgb Ground = Rgb.Of(0x1c2026);

    /// <summary>A map.</summary>
    public static Raster Draw(ThicknessMap map) => Draw(map, map.Millimeters, ColorScale.Thickness);

    /// <summary>How much thicker the prediction is, where both are.</summary>
    public static Raster Difference(ThicknessMap reference, ThicknessMap prediction) =>
        Draw(
            reference,
            [.. prediction.Millimeters.Zip(reference.Millimeters, (found, truth) => found - truth)],
            ColorScale.Difference
        );

    private static Raster Draw(ThicknessMap map, float[] values, ColorScale scale) =>
        new(
            map.Width,
            map.Height,
            [.. values.Select(value => float.IsNaN(value) ? Ground : scale.At(value))]
        );
}
