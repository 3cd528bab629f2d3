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
            <thead><tr><th>Structure</th><th class="wide">Dice, 0 to 1</th><th class="n">Dice</th><th class="n">ASSD, mm</th><th class="n">HD95, mm</th><th class="n">Volume difference</th><th class="n">Cases</th><th class="n">Missed</th><th class="n">Invented</th></tr></thead>
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
        return Markup.Of(
            $"""
            <tr><th scope="row"><i class="chip label-{label.Label}"></i>{label.Name}</th><td>{DotPlot.Draw(
                dice,
                label.Dice.Mean,
                $"label-{label.Label}"
            )}</td>{Cell(label.Dice, Figures.Fraction)}{Cell(label.Assd, Figures.Millimetres)}{Cell(
                label.Hd95,
                Figures.Millimetres
            )}<td class="n">{Figures.PercentSpread(
                label.VolumeDifference.Mean,
                label.VolumeDifference.Sd
            )}</td><td class="n">{label.N}</td>{Wrong(label.Missed)}{Wrong(label.Invented)}</tr>
            """
        );
    }

    private static Markup Cell(Spread spread, Func<double?, string> format) =>
        Markup.Of($"""<td class="n">{Figures.Spread(spread.Mean, spread.Sd, format)}</td>""");

    private static Markup Wrong(int count) =>
        count == 0
            ? Markup.Of($"""<td class="n quiet">0</td>""")
            : Markup.Of($"""<td class="n wrong">{count}</td>""");
}
