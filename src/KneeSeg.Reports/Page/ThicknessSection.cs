using KneeSeg.Evaluation;
using KneeSeg.Morphometry;
using KneeSeg.Reports.Html;

namespace KneeSeg.Reports.Page;

/// <summary>The morphometry of each cartilage by region, and its error.</summary>
internal static class ThicknessSection
{
    public static Markup Draw(EvaluationSummary evaluation)
    {
        var plates = evaluation
            .Cases.SelectMany(one => one.Labels)
            .Where(label => label.Morphometry is not null)
            .GroupBy(label => (label.Label, label.Name))
            .OrderBy(group => group.Key.Label)
            .ToArray();
        return plates.Length == 0
            ? Markup.None
            : Markup.Of(
                $"""
                <section id="thickness">
                <h2>Cartilage morphometry</h2>
                <p>Mean ± standard deviation over cases. ThCtAB is the mean thickness in mm over the total area of subchondral bone, ThCcAB that over its covered part; dABp is the denuded share of the bone in %, VC the volume in mm³. Errors are prediction minus reference. Regions are those of the reference.</p>
                <div class="scroll"><table>
                <thead><tr><th>Cartilage</th><th>Region</th>{TableCells.Titles(
                    "ThCtAB, reference",
                    "predicted",
                    "error",
                    "ThCcAB, reference",
                    "error",
                    "dABp, reference",
                    "error",
                    "VC, reference",
                    "error",
                    "Cases"
                )}</tr></thead>
                <tbody>{Markup.Each(
                    plates,
                    group =>
                        Rows(
                            group.Key.Label,
                            group.Key.Name,
                            [.. group.Select(label => label.Morphometry!)]
                        )
                )}</tbody>
                </table></div>
                </section>
                """
            );
    }

    private static Markup Rows(int label, string name, MorphometryPair[] plates)
    {
        // A case may lack regions.
        var regions = plates
            .SelectMany(plate => plate.Reference.Regions.Zip(plate.Prediction.Regions))
            .GroupBy(pair => pair.First.Region);
        return Markup.Each(
            regions,
            region =>
                Markup.Of(
                    $"""<tr><th scope="row"><i class="chip label-{label}"></i>{name}</th><td>{region.Key}</td>{Numbers([.. region], plates.Length)}</tr>"""
                )
        );
    }

    private static Markup Numbers(
        (RegionMeasures Reference, RegionMeasures Found)[] pairs,
        int cases
    )
    {
        string Reference(Func<RegionMeasures, double?> of, Func<double?, string> format) =>
            Mean(pairs.Select(pair => of(pair.Reference)), format);
        string Error(Func<RegionMeasures, double?> of, Func<double?, string> format) =>
            Mean(pairs.Select(pair => of(pair.Found) - of(pair.Reference)), format);
        return TableCells.Of(
            Reference(one => one.Thickness, NumberText.Millimeters),
            Mean(pairs.Select(pair => pair.Found.Thickness), NumberText.Millimeters),
            Error(one => one.Thickness, NumberText.Millimeters),
            Reference(one => one.CoveredThickness, NumberText.Millimeters),
            Error(one => one.CoveredThickness, NumberText.Millimeters),
            Reference(one => one.DenudedPercent, NumberText.Tenth),
            Error(one => one.DenudedPercent, NumberText.Tenth),
            Reference(one => one.Volume, NumberText.Whole),
            Error(one => one.Volume, NumberText.Whole),
            $"{pairs.Count(pair => (pair.Found.Thickness - pair.Reference.Thickness) is not null)} of {cases}"
        );
    }

    private static string Mean(IEnumerable<double?> values, Func<double?, string> format)
    {
        var spread = SummaryStatistics.Of(values);
        return NumberText.Spread(spread.Mean, spread.Sd, format);
    }
}
