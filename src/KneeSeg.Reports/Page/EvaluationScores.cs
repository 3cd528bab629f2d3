using KneeSeg.Evaluation;

namespace KneeSeg.Reports;

/// <summary>What an evaluation says to a reader: cases from worst to best, and the structures that went wrong.</summary>
internal static class EvaluationScores
{
    /// <summary>A case's mean Dice over the labels that it has; null when it has none.</summary>
    public static double? MeanDice(this CaseMetrics measured) =>
        measured.Labels.Average(label => label.Dice);

    /// <summary>Cases from worst to best, those without any structure last; equals in the order of their ids.</summary>
    public static IReadOnlyList<CaseMetrics> WorstFirst(this EvaluationSummary evaluation) =>
        [
            .. evaluation
                .Cases.OrderBy(one => one.MeanDice() ?? double.PositiveInfinity)
                .ThenBy(one => one.Id, StringComparer.Ordinal),
        ];

    /// <summary>The structure with the lowest Dice of all cases; null where no case has any.</summary>
    public static (string Id, LabelMetrics Label)? Worst(this EvaluationSummary evaluation) =>
        evaluation
            .Cases.SelectMany(one =>
                one.Labels.Select(label => ((string, LabelMetrics)?)(one.Id, label))
            )
            .Where(one => one!.Value.Item2.Dice is not null)
            .MinBy(one => one!.Value.Item2.Dice);

    /// <summary>Structures that a case has and the network did not find at all.</summary>
    public static IReadOnlyList<(string Id, string Name)> Missed(
        this EvaluationSummary evaluation
    ) => evaluation.Pick(label => label.Missed);

    /// <summary>Structures that the network put elsewhere, without a voxel in common.</summary>
    public static IReadOnlyList<(string Id, string Name)> Misplaced(
        this EvaluationSummary evaluation
    ) => evaluation.Pick(label => label.Misplaced);

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
