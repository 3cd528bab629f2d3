using KneeSeg.Evaluation;
using KneeSeg.Imaging;
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
        var rows = labels
            .Index()
            .Skip(1)
            .Select(label =>
                (
                    label.Item,
                    Maps: ThicknessMap.Pair(reference, prediction, (byte)label.Index, label.Item)
                )
            )
            .Where(row => row.Maps is not null)
            .Select(row => Row(row.Item, row.Maps!.Value.Reference, row.Maps.Value.Prediction))
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

    private static Markup Row(string name, ThicknessMap reference, ThicknessMap prediction) =>
        Markup.Of(
            $"""
            <figure class="slices">
            <figcaption>{name}</figcaption>
            <div class="panels">
            {Panel("reference", ThicknessPicture.Draw(reference), ColorScale.Thickness)}
            {Panel("prediction", ThicknessPicture.Draw(prediction), ColorScale.Thickness)}
            {Panel(
                "prediction − reference",
                ThicknessPicture.Difference(reference, prediction),
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
