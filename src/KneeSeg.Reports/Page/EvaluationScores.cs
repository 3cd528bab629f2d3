using KneeSeg.Evaluation;

namespace KneeSeg.Reports.Page;

/// <summary>An evaluation in reading order: cases from worst to best, and the structures that are wrong.</summary>
internal static class EvaluationScores
{
    /// <summary>A case's mean Dice over its labels; null if it has none.</summary>
    public static double? MeanDice(this CaseMetrics measured) =>
        measured.Labels.Average(label => label.Dice);

    /// <summary>Cases from worst to best, those without any structure last; ties by id.</summary>
    public static IReadOnlyList<CaseMetrics> WorstFirst(this EvaluationSummary evaluation) =>
        [
            .. evaluation
                .Cases.OrderBy(one => one.MeanDice() ?? double.PositiveInfinity)
                .ThenBy(one => one.Id, StringComparer.Ordinal),
        ];

    /// <summary>The structure with the lowest Dice of all cases; null if no case has one.</summary>
    public static (string Id, LabelMetrics Label)? Worst(this EvaluationSummary evaluation) =>
        evaluation
            .Cases.SelectMany(one =>
                one.Labels.Select(label => ((string, LabelMetrics)?)(one.Id, label))
            )
            .Where(one => one!.Value.Item2.Dice is not null)
            .MinBy(one => one!.Value.Item2.Dice);

    /// <summary>Structures in the reference only.</summary>
    public static IReadOnlyList<(string Id, string Name)> Missed(
        this EvaluationSummary evaluation
    ) => evaluation.Pick(label => label.Missed);

    /// <summary>Structures that were predicted without overlap with the reference.</summary>
    public static IReadOnlyList<(string Id, string Name)> Misplaced(
        this EvaluationSummary evaluation
    ) => evaluation.Pick(label => label.Misplaced);

    /// <summary>Structures in the prediction only.</summary>
    public static IReadOnlyList<(string Id, string Name)> Spurious(
        this EvaluationSummary evaluation
    ) => evaluation.Pick(label => label.Spurious);

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
