using KneeSeg.Data.Validation;
using KneeSeg.Evaluation;
using KneeSeg.Reports.Content;
using KneeSeg.Reports.Page;

namespace KneeSeg.Reports.Tables;

/// <summary>The tables of a report as Markdown.</summary>
internal static class MarkdownPage
{
    public static string Of(RunContent content) =>
        $"""
            # {content.Title}

            {content.Data}. Network `{content.Network.Name}`: {content.Network.Parameters} parameters.

            {(
                content.Evaluation is { } evaluation
                    ? Results(evaluation)
                    : "Not evaluated yet.\n"
            )}{Flags(content.Flagged)}
            """;

    private static string Flags(IReadOnlyList<FlaggedCase> flagged) =>
        flagged is []
            ? ""
            : string.Join(
                "\n",
                [
                    "",
                    "Quality flags, worst first:",
                    "",
                    .. flagged.SelectMany(one =>
                        one.Flags.Select(flag =>
                            $"- {one.Id}, {flag.Severity.ToString().ToLowerInvariant()}: {flag}"
                        )
                    ),
                    "",
                ]
            );

    private static string Results(EvaluationSummary evaluation) =>
        $"""
            Mean Dice {NumberText.Fraction(evaluation.MeanDice)} over {NumberText.Of(
                evaluation.Labels.Count,
                "structure"
            )} and {NumberText.Of(
                evaluation.Cases.Count,
                "case"
            )}; {evaluation.Missed} missed, {evaluation.Misplaced} misplaced, {evaluation.Spurious} spurious{(
                evaluation.Failed.Count == 0
                    ? ""
                    : $"; {NumberText.Of(evaluation.Failed.Count, "case")} could not be evaluated"
            )}.

            {string.Join("\n", Structures(evaluation))}

            {string.Join("\n", Cases(evaluation))}

            """;

    private static IEnumerable<string> Structures(EvaluationSummary evaluation) =>
        MarkdownTable.Lines(
            Columns(
                "structure",
                [
                    "Dice",
                    "ASSD, mm",
                    "HD95, mm",
                    "volume difference",
                    "cases",
                    "missed",
                    "misplaced",
                    "spurious",
                ]
            ),
            evaluation.Labels.Select(label =>
                (string[])
                    [
                        label.Name,
                        Spread(label.Dice, NumberText.Fraction),
                        Spread(label.Assd, NumberText.Millimeters),
                        Spread(label.Hd95, NumberText.Millimeters),
                        NumberText.PercentSpread(
                            label.VolumeDifference.Mean,
                            label.VolumeDifference.Sd
                        ),
                        $"{label.N}",
                        $"{label.Missed}",
                        $"{label.Misplaced}",
                        $"{label.Spurious}",
                    ]
            )
        );

    private static IEnumerable<string> Cases(EvaluationSummary evaluation) =>
        MarkdownTable.Lines(
            Columns("case", evaluation.Labels.Select(label => label.Name).Prepend("mean")),
            evaluation
                .WorstFirst()
                .Select(one =>
                    (string[])
                        [
                            one.Id,
                            NumberText.Fraction(one.MeanDice()),
                            .. evaluation.Labels.Select(label => Dice(one, label.Label)),
                        ]
                )
        );

    private static MarkdownColumn[] Columns(string first, IEnumerable<string> numbers) =>
        [new(first), .. numbers.Select(title => new MarkdownColumn(title, IsNumber: true))];

    private static string Dice(CaseMetrics metrics, int label) =>
        NumberText.Fraction(metrics.Labels.FirstOrDefault(one => one.Label == label)?.Dice);

    private static string Spread(SummaryStatistics spread, Func<double?, string> format) =>
        NumberText.Spread(spread.Mean, spread.Sd, format);
}
