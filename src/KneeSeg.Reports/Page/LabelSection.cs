using KneeSeg.Evaluation;
using KneeSeg.Reports.Charts;
using KneeSeg.Reports.Html;

namespace KneeSeg.Reports.Page;

/// <summary>The metrics of each structure over all cases.</summary>
internal static class LabelSection
{
    public static Markup Draw(EvaluationSummary evaluation) =>
        Markup.Of(
            $"""
            <section id="structures">
            <h2>Structures</h2>
            <p>Means over cases: Dice with its 95 % confidence interval, other metrics ± standard deviation. Each dot is a case, the line is the mean. Missed, misplaced (no overlap with the reference) and spurious structures count as Dice 0. Distances are undefined for missed and spurious structures; the last column counts the cases with distances.</p>
            {Table("Structure", evaluation.Labels, evaluation, one => one.Labels, colored: true)}
            {(
                evaluation.MergedLabels.Count == 0
                    ? Markup.None
                    : Markup.Of(
                        $"""
                        <h3>Structures merged as in the knee segmentation challenge</h3>
                        {Table(
                            "Structure",
                            evaluation.MergedLabels,
                            evaluation,
                            one => one.MergedLabels,
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
                "Spurious",
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
            )}{Wrong(label.Missed)}{Wrong(label.Misplaced)}{Wrong(label.Spurious)}{TableCells.Of(measures)}</tr>
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
