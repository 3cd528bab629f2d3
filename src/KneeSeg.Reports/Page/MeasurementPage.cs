using KneeSeg.Evaluation;
using KneeSeg.Morphometry;
using KneeSeg.Reports.Html;

namespace KneeSeg.Reports.Page;

/// <summary>The report of <c>measure</c>: a self-contained HTML page.</summary>
/// <param name="labels">The names by label, the background's first.</param>
public sealed class MeasurementPage(IReadOnlyList<string> labels)
{
    private readonly Dictionary<string, Markup> plates = [];

    /// <summary>Draws the plates of a case, which are then not needed any more.</summary>
    /// <param name="id">The case.</param>
    /// <param name="knee">Its plates.</param>
    /// <param name="baseline">Those of the baseline, at whose cells they were measured; null for a case by itself.</param>
    public void Add(string id, Knee knee, Knee? baseline) =>
        plates[id] = baseline is null
            ? ThicknessPanels.Draw(labels, knee)
            : ThicknessPanels.Draw(labels, baseline, knee, "baseline", "this visit");

    /// <summary>The page.</summary>
    public string Draw(MeasurementReport report) =>
        PageFrame
            .Draw(
                "Cartilage morphometry",
                labels.Count,
                Markup.Of(
                    $"""
                    <header>
                    <p class="kind">KneeSeg · morphometry</p>
                    <h1>Cartilage morphometry</h1>
                    <p class="lead">{NumberText.Of(
                        report.Cases.Count,
                        "case"
                    )}. tAB: total area of subchondral bone; dABp: its denuded share; VC: volume; ThCtAB, ThCcAB: mean thickness over the total and the covered area.</p>
                    </header>
                    {Markup.Each(report.Cases, Case)}
                    """
                )
            )
            .Source;

    private Markup Case(MeasuredCase one) =>
        Markup.Of(
            $"""
            <section>
            <h2>{one.Id}</h2>
            <div class="scroll"><table>
            <thead><tr><th>Cartilage</th><th>Region</th>{TableCells.Titles(
                "tAB, mm²",
                "dABp, %",
                "VC, mm³",
                "ThCtAB, mm",
                "ThCcAB, mm"
            )}</tr></thead>
            <tbody>{Markup.Each(one.Labels, Plate)}{Markup.Each(one.Composites, sum => Row(Markup.None, sum))}</tbody>
            </table></div>
            {plates.GetValueOrDefault(one.Id, Markup.None)}
            </section>
            """
        );

    private static Markup Plate(MeasuredPlate plate) =>
        Markup.Each(
            plate.Morphometry.Regions,
            region =>
                Row(Markup.Of($"""<i class="chip label-{plate.Label}"></i>{plate.Name}"""), region)
        );

    private static Markup Row(Markup name, RegionMeasures region) =>
        Markup.Of(
            $"""<tr><th scope="row">{name}</th><td>{region.Region}</td>{TableCells.Of(
                NumberText.Whole(region.TotalArea),
                NumberText.Tenth(region.DenudedPercent),
                NumberText.Whole(region.Volume),
                NumberText.Millimeters(region.Thickness),
                NumberText.Millimeters(region.CoveredThickness)
            )}</tr>"""
        );
}
