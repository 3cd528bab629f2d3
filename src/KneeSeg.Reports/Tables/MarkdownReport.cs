using KneeSeg.Evaluation;

namespace KneeSeg.Reports;

/// <summary>The numbers of a report as Markdown, for a README, an issue or a thesis.</summary>
internal static class MarkdownReport
{
    public static string Of(ReportContent content) =>
        $"""
            # {content.Title}

            {content.Data}. Network `{content.Network.Name}`: {content.Network.Parameters} parameters.

            {(
                content.Evaluation is { } evaluation
                    ? Measured(evaluation)
                    : "Nothing has been measured yet.\n"
            )}
            """;

    private static string Measured(EvaluationSummary evaluation) =>
        $"""
            Mean Dice {NumberText.Fraction(evaluation.MeanDice)} over {NumberText.Of(
                evaluation.Labels.Count,
                "structure"
            )} and {NumberText.Of(
                evaluation.Cases.Count,
                "case"
            )}; {evaluation.Misplaced} misplaced, {evaluation.Missed} missed, {evaluation.Invented} invented{(
                evaluation.Failed.Count == 0
                    ? ""
                    : $"; {NumberText.Of(evaluation.Failed.Count, "case")} could not be measured"
            )}.

            | structure | Dice | ASSD, mm | HD95, mm | volume difference | cases | missed | misplaced | invented |
            |---|---:|---:|---:|---:|---:|---:|---:|---:|
            {string.Join("\n", evaluation.Labels.Select(Structure))}

            | case | mean | {string.Join(
                " | ",
                evaluation.Labels.Select(label => Cell(label.Name))
            )} |
            |---|---:|{string.Concat(evaluation.Labels.Select(_ => "---:|"))}
            {string.Join(
                "\n",
                evaluation.WorstFirst().Select(measured => Case(measured, evaluation))
            )}

            """;

    private static string Structure(LabelSummary label) =>
        $"| {Cell(label.Name)} | {Spread(label.Dice, NumberText.Fraction)} | {Spread(label.Assd, NumberText.Millimeters)} | {Spread(label.Hd95, NumberText.Millimeters)} | {NumberText.PercentSpread(label.VolumeDifference.Mean, label.VolumeDifference.Sd)} | {label.N} | {label.Missed} | {label.Misplaced} | {label.Invented} |";

    private static string Case(CaseMetrics measured, EvaluationSummary evaluation) =>
        $"| {Cell(measured.Id)} | {NumberText.Fraction(measured.MeanDice())} | {string.Join(" | ", evaluation.Labels.Select(label => NumberText.Fraction(measured.Labels.FirstOrDefault(one => one.Label == label.Label)?.Dice)))} |";

    private static string Spread(SummaryStatistics spread, Func<double?, string> format) =>
        NumberText.Spread(spread.Mean, spread.Sd, format);

    private static string Cell(string text) => text.Replace("|", "\\|").ReplaceLineEndings(" ");
}
