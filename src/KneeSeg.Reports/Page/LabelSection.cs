using KneeSeg.Evaluation;

namespace KneeSeg.Reports;

/// <summary>How each structure did over all cases.</summary>
internal static class LabelSection
{
    public static Markup Draw(EvaluationSummary evaluation) =>
        Markup.Of(
            $"""
            <section id="structures">
            <h2>Structures</h2>
            <p>Mean ± standard deviation over cases; each dot is a case, the stroke is the mean. A structure that was missed or invented counts as Dice 0 and has no distance.</p>
            <div class="scroll"><table>
            <thead><tr><th>Structure</th><th>Dice, 0 to 1</th>{Cells.Titles(
                "Dice",
                "Missed",
                "Invented",
                "ASSD, mm",
                "HD95, mm",
                "Volume difference",
                "Thickness (true), mm",
                "Cases"
            )}</tr></thead>
            <tbody>{Markup.Each(evaluation.Labels, label => Row(label, evaluation))}</tbody>
            </table></div>
            </section>
            """
        );

    private static Markup Row(LabelSummary label, EvaluationSummary evaluation)
    {
        var dice =
            from measured in evaluation.Cases
            from one in measured.Labels
            where one.Label == label.Label && one.Dice is not null
            select one.Dice!.Value;
        string[] measures =
        [
            Mean(label.Assd, Figures.Millimetres),
            Mean(label.Hd95, Figures.Millimetres),
            Figures.PercentSpread(label.VolumeDifference.Mean, label.VolumeDifference.Sd),
            $"{Figures.Millimetres(label.ThicknessPrediction.Mean)} ({Figures.Millimetres(label.ThicknessReference.Mean)})",
            $"{label.N}",
        ];
        var style = $"label-{label.Label}";
        return Markup.Of(
            $"""
            <tr><th scope="row"><i class="chip {style}"></i>{label.Name}</th><td>{DotPlot.Draw(
                dice,
                label.Dice.Mean,
                style
            )}</td>{Cells.Of(Mean(label.Dice, Figures.Fraction))}{Wrong(label.Missed)}{Wrong(label.Invented)}{Cells.Of(measures)}</tr>
            """
        );
    }

    private static string Mean(Spread spread, Func<double?, string> format) =>
        Figures.Spread(spread.Mean, spread.Sd, format);

    private static Markup Wrong(int count) =>
        count == 0
            ? Markup.Of($"""<td class="n quiet">0</td>""")
            : Markup.Of($"""<td class="n wrong">{count}</td>""");
}
