using KneeSeg.Evaluation;

namespace KneeSeg.Reports;

/// <summary>What an evaluation says to a reader: cases from worst to best, and the structures that went wrong.</summary>
internal static class Scores
{
    /// <summary>A case's mean Dice over the labels that it has; null when it has none.</summary>
    public static double? MeanDice(this CaseMetrics measured) =>
        measured.Labels.Average(label => label.Dice);

    /// <summary>Cases from worst to best; equals in the order of their ids.</summary>
    public static IReadOnlyList<CaseMetrics> WorstFirst(this EvaluationSummary evaluation) =>
        [.. evaluation.Cases.OrderBy(MeanDice).ThenBy(c => c.Id, StringComparer.Ordinal)];

    /// <summary>Structures that a case has and the network did not find at all.</summary>
    public static IReadOnlyList<(string Id, string Name)> Missed(
        this EvaluationSummary evaluation
    ) => evaluation.Pick(label => label.Missed);

    /// <summary>Structures that the network found where there are none.</summary>
    public static IReadOnlyList<(string Id, string Name)> Invented(
        this EvaluationSummary evaluation
    ) => evaluation.Pick(label => label.Invented);

    private static (string, string)[] Pick(
        this EvaluationSummary evaluation,
        Func<LabelMetrics, bool> wrong
    ) =>
        [
            .. from measured in evaluation.Cases
            from label in measured.Labels
            where wrong(label)
            select (measured.Id, label.Name),
        ];
}
