using KneeSeg.Evaluation;
using KneeSeg.Imaging;
using KneeSeg.Morphometry;
using KneeSeg.Rendering;
using KneeSeg.Reports.Html;

namespace KneeSeg.Reports.Page;

/// <summary>The cartilage plates of a case, flattened: one row per cartilage, all on one scale.</summary>
internal static class ThicknessPanels
{
    /// <summary>The plates of a reference, and the predicted ones beside them.</summary>
    public static Markup Draw(
        IReadOnlyList<string> labels,
        Volume<byte> reference,
        Volume<byte> prediction
    )
    {
        var known = Knee.Of(reference, labels);
        return Draw(labels, known, known.Again(prediction), "reference", "prediction");
    }

    /// <summary>The plates of a knee alone, side by side.</summary>
    public static Markup Draw(IReadOnlyList<string> labels, Knee knee)
    {
        Markup[] panels =
        [
            .. Labels(labels, knee)
                .Select(label =>
                    Panel(labels[label], ThicknessMap.Pair(knee[label]!, knee[label]!).Reference)
                ),
        ];
        return Details(panels is [] ? [] : [Row("thickness", panels)]);
    }

    /// <summary>The plates of a knee, and those that were measured at the same cells beside them.</summary>
    /// <param name="labels">The names by label.</param>
    /// <param name="first">The knee.</param>
    /// <param name="second">The other.</param>
    /// <param name="firstName">What to call the first.</param>
    /// <param name="secondName">What to call the other.</param>
    public static Markup Draw(
        IReadOnlyList<string> labels,
        Knee first,
        Knee second,
        string firstName,
        string secondName
    ) =>
        Details([
            .. Labels(labels, first)
                // A plate may be missing at another visit.
                .Where(label => second[label] is not null)
                .Select(label =>
                {
                    var (one, other) = ThicknessMap.Pair(first[label]!, second[label]!);
                    return Row(
                        labels[label],
                        Panel(firstName, one),
                        Panel(secondName, other),
                        Panel(
                            $"{secondName} − {firstName}",
                            ThicknessPicture.Difference(one, other),
                            ColorScale.Difference
                        )
                    );
                }),
        ]);

    private static IEnumerable<int> Labels(IReadOnlyList<string> labels, Knee knee) =>
        Enumerable.Range(0, labels.Count).Where(label => knee[label] is not null);

    private static Markup Details(Markup[] rows) =>
        rows is []
            ? Markup.None
            : Markup.Of(
                $"""
                <details class="maps"><summary>Cartilage thickness maps</summary>
                <p>Tibial cartilage is seen from above, patellar cartilage from behind, femoral cartilage unrolled from anterior (top) to posterior. The patient's right is on the left.</p>
                {Markup.Each(rows, one => one)}
                </details>
                """
            );

    private static Markup Row(string name, params Markup[] panels) =>
        Markup.Of(
            $"""
            <figure class="slices">
            <figcaption>{name}</figcaption>
            <div class="panels">
            {Markup.Each(panels, one => one)}
            </div>
            </figure>
            """
        );

    private static Markup Panel(string name, ThicknessMap map) =>
        Panel(name, ThicknessPicture.Draw(map), ColorScale.Thickness);

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
