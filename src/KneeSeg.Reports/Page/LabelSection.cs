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
            <p>Mean over cases, Dice with its 95 % interval, the others ± standard deviation; each dot is a case, the stroke is the mean. A structure that was missed, misplaced (predicted without a voxel in common) or invented counts as Dice 0. Missed and invented ones have no distance: the last column says how many cases have one.</p>
            {Table("Structure", evaluation.Labels, evaluation, one => one.Labels, colored: true)}
            {(
                evaluation.Tissues.Count == 0
                    ? Markup.None
                    : Markup.Of(
                        $"""
                        <h3>Tissues as the knee segmentation challenge scores them</h3>
                        {Table(
                            "Tissue",
                            evaluation.Tissues,
                            evaluation,
                            one => one.Tissues,
                            colored: false
                        )}
                        """
                    )
            )}
            </section>
            """
        );

    private static Markup Table(
        string title,
        IReadOnlyList<LabelSummary> labels,
        EvaluationSummary evaluation,
        Func<CaseMetrics, IReadOnlyList<LabelMetrics>> of,
        bool colored
    ) =>
        Markup.Of(
            $"""
            <div class="scroll"><table>
            <thead><tr><th>{title}</th><th>Dice, 0 to 1</th>{TableCells.Titles(
                "Dice",
                "Missed",
                "Misplaced",
                "Invented",
                "NSD at 1 mm",
                "ASSD, mm",
                "HD95, mm",
                "Volume difference",
                "Cases with distances"
            )}</tr></thead>
            <tbody>{Markup.Each(
                labels,
                label => Row(label, evaluation, of, colored ? $"label-{label.Label}" : "ink")
            )}</tbody>
            </table></div>
            """
        );

    private static Markup Row(
        LabelSummary label,
        EvaluationSummary evaluation,
        Func<CaseMetrics, IReadOnlyList<LabelMetrics>> of,
        string style
    )
    {
        var dice =
            from measured in evaluation.Cases
            from one in of(measured)
            where one.Label == label.Label && one.Dice is not null
            select one.Dice!.Value;
        string[] measures =
        [
            Mean(label.Nsd.One, NumberText.Fraction),
            Mean(label.Assd, NumberText.Millimeters),
            Mean(label.Hd95, NumberText.Millimeters),
            NumberText.PercentSpread(label.VolumeDifference.Mean, label.VolumeDifference.Sd),
            $"{label.Assd.N} of {label.N}",
        ];
        return Markup.Of(
            $"""
            <tr><th scope="row"><i class="chip {style}"></i>{label.Name}</th><td>{DotPlot.Draw(
                dice,
                label.Dice.Mean,
                style
            )}</td>{TableCells.Of(
                NumberText.Fraction(label.Dice.Mean) + Within(label.Dice.Interval)
            )}{Wrong(label.Missed)}{Wrong(label.Misplaced)}{Wrong(label.Invented)}{TableCells.Of(measures)}</tr>
            """
        );
    }

    private static string Mean(SummaryStatistics spread, Func<double?, string> format) =>
        NumberText.Spread(spread.Mean, spread.Sd, format);

    private static string Within(Interval? interval) =>
        interval is null
            ? ""
            : $" [{NumberText.Fraction(interval.Low)}, {NumberText.Fraction(interval.High)}]";

    private static Markup Wrong(int count) =>
        count == 0
            ? Markup.Of($"""<td class="n quiet">0</td>""")
            : Markup.Of($"""<td class="n wrong">{count}</td>""");
}
