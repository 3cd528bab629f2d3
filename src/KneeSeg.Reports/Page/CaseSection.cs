using KneeSeg.Evaluation;

namespace KneeSeg.Reports;

/// <summary>How each case did, worst first, and every number behind it.</summary>
internal static class CaseSection
{
    public static Markup Draw(EvaluationSummary evaluation)
    {
        var cases = evaluation.WorstFirst();
        return Markup.Of(
            $"""
            <section id="cases">
            <h2>Cases, from worst to best</h2>
            <p>Dice. <span class="best">▲</span> marks the best case of a structure, <span class="worst">▼</span> the worst.</p>
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
            <details><summary>Every measure of every case</summary>
            <div class="scroll"><table>
            <thead><tr><th>Case</th><th>Structure</th><th class="n">Dice</th><th class="n">IoU</th><th class="n">Sensitivity</th><th class="n">Precision</th><th class="n">ASSD, mm</th><th class="n">HD95, mm</th><th class="n">HD, mm</th><th class="n">Volume difference</th></tr></thead>
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
            $"""<tr><th scope="row">{measured.Id}</th><td class="n"><b>{Figures.Fraction(measured.MeanDice())}</b></td>{Markup.Each(evaluation.Labels, label => Cell(measured, label.Label, evaluation))}</tr>"""
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
        return Markup.Of($"""<td class="n">{mark}{Figures.Fraction(here)}</td>""");
    }

    private static Markup Detail(string id, LabelMetrics label) =>
        Markup.Of(
            $"""<tr><th scope="row">{id}</th><td><i class="chip label-{label.Label}"></i>{label.Name}{Wrong(label)}</td><td class="n">{Figures.Fraction(label.Dice)}</td><td class="n">{Figures.Fraction(label.Iou)}</td><td class="n">{Figures.Fraction(label.Sensitivity)}</td><td class="n">{Figures.Fraction(label.Precision)}</td><td class="n">{Figures.Millimetres(label.Assd)}</td><td class="n">{Figures.Millimetres(label.Hd95)}</td><td class="n">{Figures.Millimetres(label.Hd)}</td><td class="n">{Figures.Percent(label.VolumeDifference)}</td></tr>"""
        );

    private static Markup Wrong(LabelMetrics label) =>
        label.Missed ? Markup.Of($""" <span class="wrong">missed</span>""")
        : label.Invented ? Markup.Of($""" <span class="wrong">invented</span>""")
        : Markup.None;

    private static double? Dice(CaseMetrics measured, int label) =>
        measured.Labels.FirstOrDefault(one => one.Label == label)?.Dice;
}
