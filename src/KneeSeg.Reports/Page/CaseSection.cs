using KneeSeg.Evaluation;
using KneeSeg.Morphometry;
using KneeSeg.Reports.Html;

namespace KneeSeg.Reports.Page;

/// <summary>The Dice of each case, worst first, and all metrics of all cases.</summary>
internal static class CaseSection
{
    public static Markup Draw(EvaluationSummary evaluation)
    {
        var cases = evaluation.WorstFirst();
        return Markup.Of(
            $"""
            <section id="cases">
            <h2>Cases, worst first</h2>
            <p>Dice of each structure; <span class="best">▲</span> marks its best case, <span class="worst">▼</span> its worst.</p>
            <div class="scroll"><table>
            <thead><tr><th>Case</th><th class="n">Mean</th>{Markup.Each(
                evaluation.Labels,
                label =>
                    Markup.Of(
                        $"""<th class="n"><i class="chip label-{label.Label}"></i>{label.Name}</th>"""
                    )
            )}</tr></thead>
            <tbody>{Markup.Each(cases, measured => Row(measured, evaluation))}</tbody>
            </table></div>
            <details><summary>All metrics of all cases</summary>
            <div class="scroll"><table>
            <thead><tr><th>Case</th><th>Structure</th>{TableCells.Titles("Dice", "IoU", "Sensitivity", "Precision", "NSD at 1 mm", "ASSD, mm", "HD95, mm", "HD, mm", "Volume difference", "ThCtAB, mm", "reference", "ThCcAB, mm", "reference", "dABp, %", "reference", "VC, mm³", "reference")}</tr></thead>
            <tbody>{Markup.Each(
                cases,
                measured => Markup.Each(measured.Labels, label => Detail(measured.Id, label))
            )}</tbody>
            </table></div>
            </details>
            </section>
            """
        );
    }

    private static Markup Row(CaseMetrics measured, EvaluationSummary evaluation) =>
        Markup.Of(
            $"""<tr><th scope="row">{measured.Id}</th><td class="n"><b>{NumberText.Fraction(measured.MeanDice())}</b></td>{Markup.Each(evaluation.Labels, label => Cell(measured, label.Label, evaluation))}</tr>"""
        );

    private static Markup Cell(CaseMetrics measured, int label, EvaluationSummary evaluation)
    {
        var here = Dice(measured, label);
        var all = evaluation.Cases.Select(one => Dice(one, label)).OfType<double>().ToArray();
        var mark =
            here is null || all.Length < 2 || all.Min() == all.Max() ? Markup.None
            : here == all.Max() ? Markup.Of($"""<span class="best" title="best">▲</span>""")
            : here == all.Min() ? Markup.Of($"""<span class="worst" title="worst">▼</span>""")
            : Markup.None;
        return Markup.Of($"""<td class="n">{mark}{NumberText.Fraction(here)}</td>""");
    }

    private static Markup Detail(string id, LabelMetrics label)
    {
        string[] measures =
        [
            NumberText.Fraction(label.Dice),
            NumberText.Fraction(label.Iou),
            NumberText.Fraction(label.Sensitivity),
            NumberText.Fraction(label.Precision),
            NumberText.Fraction(label.Nsd.One),
            NumberText.Millimeters(label.Assd),
            NumberText.Millimeters(label.Hd95),
            NumberText.Millimeters(label.Hd),
            NumberText.Percent(label.VolumeDifference),
            .. Pair(label, one => NumberText.Millimeters(one?.Thickness)),
            .. Pair(label, one => NumberText.Millimeters(one?.CoveredThickness)),
            .. Pair(label, one => NumberText.Tenth(one?.DenudedPercent)),
            .. Pair(label, one => NumberText.Whole(one?.Volume)),
        ];
        return Markup.Of(
            $"""<tr><th scope="row">{id}</th><td><i class="chip label-{label.Label}"></i>{label.Name}{Wrong(label)}</td>{TableCells.Of(measures)}</tr>"""
        );
    }

    private static string[] Pair(LabelMetrics label, Func<RegionMeasures?, string> text) =>
        [text(label.Morphometry?.Prediction.Whole), text(label.Morphometry?.Reference.Whole)];

    private static Markup Wrong(LabelMetrics label) =>
        label.Missed ? Markup.Of($""" <span class="wrong">missed</span>""")
        : label.Misplaced ? Markup.Of($""" <span class="wrong">misplaced</span>""")
        : label.Spurious ? Markup.Of($""" <span class="wrong">spurious</span>""")
        : Markup.None;

    private static double? Dice(CaseMetrics measured, int label) =>
        measured.Labels.FirstOrDefault(one => one.Label == label)?.Dice;
}
