using KneeSeg.Evaluation;
using KneeSeg.Reports.Html;

namespace KneeSeg.Reports.Page;

/// <summary>The thickness of each cartilage by region, and its error.</summary>
internal static class ThicknessSection
{
    public static Markup Draw(EvaluationSummary evaluation)
    {
        var plates = evaluation
            .Cases.SelectMany(one => one.Labels)
            .Where(label => label.Thickness is not null)
            .GroupBy(label => (label.Label, label.Name))
            .OrderBy(group => group.Key.Label)
            .ToArray();
        return plates.Length == 0
            ? Markup.None
            : Markup.Of(
                $"""
                <section id="thickness">
                <h2>Cartilage thickness</h2>
                <p>In mm, mean ± standard deviation over cases, measured along the normal of the bone interface. Regions are those of the reference: thirds from anterior to posterior, and medial and lateral halves of cartilage that covers both sides. The error is prediction minus reference, in cases that have both.</p>
                <div class="scroll"><table>
                <thead><tr><th>Cartilage</th><th>Region</th>{TableCells.Titles(
                    "Reference",
                    "Predicted",
                    "Error",
                    "Cases"
                )}</tr></thead>
                <tbody>{Markup.Each(
                    plates,
                    group =>
                        Rows(
                            group.Key.Label,
                            group.Key.Name,
                            [.. group.Select(label => label.Thickness!)]
                        )
                )}</tbody>
                </table></div>
                </section>
                """
            );
    }

    private static Markup Rows(int label, string name, PlateComparison[] plates)
    {
        // A case may lack a region, or have one that the first lacks.
        var regions = plates
            .SelectMany(plate => plate.Regions)
            .GroupBy(region => region.Name)
            .Select(region => (Name: region.Key, Of: region.Select(one => one.Thickness)))
            .Prepend(
                (Name: "whole, by nearest distance", Of: plates.Select(plate => plate.Nearest))
            )
            .Prepend((Name: "whole", Of: plates.Select(plate => plate.Normal)));
        return Markup.Each(
            regions,
            region =>
                Markup.Of(
                    $"""<tr><th scope="row"><i class="chip label-{label}"></i>{name}</th><td>{region.Name}</td>{Numbers([.. region.Of], plates.Length)}</tr>"""
                )
        );
    }

    private static Markup Numbers(ThicknessPair[] pairs, int cases) =>
        TableCells.Of(
            Mean(pairs.Select(pair => pair.Reference)),
            Mean(pairs.Select(pair => pair.Prediction)),
            Mean(pairs.Select(pair => pair.Error)),
            $"{pairs.Count(pair => pair.Error is not null)} of {cases}"
        );

    private static string Mean(IEnumerable<double?> values)
    {
        var spread = SummaryStatistics.Of(values);
        return NumberText.Spread(spread.Mean, spread.Sd, NumberText.Millimeters);
    }
}
