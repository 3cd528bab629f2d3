using KneeSeg.Evaluation;

namespace KneeSeg.Reports;

/// <summary>How thick each cartilage is, region by region, and how far the prediction is off.</summary>
internal static class ThicknessSection
{
    public static Markup Draw(EvaluationSummary evaluation)
    {
        var sheets = evaluation
            .Cases.SelectMany(one => one.Labels)
            .Where(label => label.Sheet is not null)
            .GroupBy(label => (label.Label, label.Name))
            .OrderBy(group => group.Key.Label)
            .ToArray();
        return sheets.Length == 0
            ? Markup.None
            : Markup.Of(
                $"""
                <section id="thickness">
                <h2>Cartilage thickness</h2>
                <p>In mm, mean ± standard deviation over cases, along the normal of the cartilage's face on the bone; regions are those of the reference: thirds from front to back, and the halves of what is not itself of one side. The error is the prediction less the reference, in cases that have both.</p>
                <div class="scroll"><table>
                <thead><tr><th>Cartilage</th><th>Region</th>{TableCells.Titles(
                    "True",
                    "Predicted",
                    "Error",
                    "Cases"
                )}</tr></thead>
                <tbody>{Markup.Each(
                    sheets,
                    group =>
                        Rows(
                            group.Key.Label,
                            group.Key.Name,
                            [.. group.Select(label => label.Sheet!)]
                        )
                )}</tbody>
                </table></div>
                </section>
                """
            );
    }

    private static Markup Rows(int label, string name, PlateComparison[] sheets)
    {
        // A case may lack a region, or have one that the first lacks.
        var regions = sheets
            .SelectMany(sheet => sheet.Regions)
            .GroupBy(region => region.Name)
            .Select(region => (Name: region.Key, Of: region.Select(one => one.Thickness)))
            .Prepend(
                (Name: "whole, to the nearest place", Of: sheets.Select(sheet => sheet.Nearest))
            )
            .Prepend((Name: "whole", Of: sheets.Select(sheet => sheet.Normal)));
        return Markup.Each(
            regions,
            region =>
                Markup.Of(
                    $"""<tr><th scope="row"><i class="chip label-{label}"></i>{name}</th><td>{region.Name}</td>{Numbers([.. region.Of], sheets.Length)}</tr>"""
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
