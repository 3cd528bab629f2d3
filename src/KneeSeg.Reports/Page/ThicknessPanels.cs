using KneeSeg.Evaluation;
using KneeSeg.Imaging;
using KneeSeg.Morphometry;
using KneeSeg.Rendering;
using KneeSeg.Reports.Html;

namespace KneeSeg.Reports.Page;

/// <summary>A case's thickness maps, one row per cartilage.</summary>
internal static class ThicknessPanels
{
    public static Markup Draw(
        IReadOnlyList<string> labels,
        Volume<byte> reference,
        Volume<byte> prediction
    )
    {
        var known = Knee.Of(reference, labels);
        var found = known.Again(prediction);
        var rows = labels
            .Index()
            .Where(label => known[label.Index] is not null)
            .Select(label =>
                Row(label.Item, ThicknessMap.Pair(known[label.Index]!, found[label.Index]!))
            )
            .ToArray();
        return rows is []
            ? Markup.None
            : Markup.Of(
                $"""
                <details class="maps"><summary>Cartilage thickness maps</summary>
                <p>Tibial cartilage is seen from above, patellar cartilage from behind, femoral cartilage unrolled from anterior (top) to posterior. The patient's right is on the left.</p>
                {Markup.Each(rows, row => row)}
                </details>
                """
            );
    }

    private static Markup Row(
        string name,
        (ThicknessMap Reference, ThicknessMap Prediction) maps
    ) =>
        Markup.Of(
            $"""
            <figure class="slices">
            <figcaption>{name}</figcaption>
            <div class="panels">
            {Panel("reference", ThicknessPicture.Draw(maps.Reference), ColorScale.Thickness)}
            {Panel("prediction", ThicknessPicture.Draw(maps.Prediction), ColorScale.Thickness)}
            {Panel(
                "prediction − reference",
                ThicknessPicture.Difference(maps.Reference, maps.Prediction),
                ColorScale.Difference
            )}
            </div>
            </figure>
            """
        );

    private static Markup Panel(string name, Raster picture, ColorScale scale) =>
        Markup.Of(
            $"""<div class="panel"><img alt="{name}" src="data:image/png;base64,{Convert.ToBase64String(Png.Encode(picture))}"/><span>{name}</span><span class="scale" style="background:{scale.Css}"></span><span class="ends"><b>{Number(scale.Low)}</b><b>{Number(scale.High)} mm</b></span></div>"""
        );

    private static string Number(double value) =>
        FormattableString.Invariant($"{value:0.#}").Replace('-', '−');
}

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
