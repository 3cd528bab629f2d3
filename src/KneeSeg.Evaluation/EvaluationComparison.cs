namespace KneeSeg.Evaluation;

/// <summary>A paired comparison of two systems on the same cases.</summary>
/// <param name="Labels">Every label, in order.</param>
/// <param name="MeanDice">A case's mean over the labels that count in it.</param>
/// <param name="OnlyFirst">Cases that only the first evaluation has; they are excluded.</param>
/// <param name="OnlySecond">Cases that only the second evaluation has; they are excluded.</param>
public sealed record EvaluationComparison(
    IReadOnlyList<LabelComparison> Labels,
    PairedTest MeanDice,
    IReadOnlyList<string> OnlyFirst,
    IReadOnlyList<string> OnlySecond
)
{
    /// <summary>Structure counts over the common cases: of the first system, then of the second.</summary>
    public IReadOnlyList<StructureCounts> Counts { get; init; } = [];

    /// <summary>Whether each tells a change over time; null where no knee has several visits.</summary>
    public IReadOnlyList<ChangeResponse?> Responses { get; init; } = [];

    /// <summary>
    /// Compares case by case. A label counts in a case if the reference or either prediction has it; a system that correctly
    /// predicts nothing has a Dice of 1 there, so that spurious structures of the other one count.
    /// </summary>
    /// <exception cref="ProblemException">
    /// They have different labels (exit 5), or no common case (exit 3).
    /// </exception>
    public static EvaluationComparison Of(EvaluationSummary first, EvaluationSummary second)
    {
        if (!Names(first).SequenceEqual(Names(second)))
            throw new ProblemException(
                ExitCode.Checkpoint,
                "two evaluations",
                $"the labels of the first are {string.Join(", ", Names(first))}, of the second {string.Join(", ", Names(second))}",
                "Compare evaluations with the same labels"
            );
        var others = second.Cases.ToDictionary(one => one.Id);
        var cases = first.Cases.Where(one => others.ContainsKey(one.Id)).ToArray();
        if (cases.Length == 0)
            throw new ProblemException(
                ExitCode.Data,
                "two evaluations",
                "they have no case in common",
                "Evaluate both on the same cases"
            );
        var both = cases.Select(one => (First: one, Second: others[one.Id])).ToArray();
        var pairs = both.Select(one => Pairs(one.First, one.Second)).ToArray();
        PairedTest? Errors(int label, Func<LabelMetrics, double?> of) =>
            PairedTest.Of(
                both.Select(one =>
                        (First: of(one.First.Labels[label]), Second: of(one.Second.Labels[label]))
                    )
                    .Where(one => one.First is not null && one.Second is not null)
                    .Select(one => (one.First!.Value, one.Second!.Value))
            )
                is { N: > 0 } test
                ? test
                : null;
        return new(
            [
                .. first
                    .Labels.Index()
                    .Select(label => new LabelComparison(
                        label.Item.Label,
                        label.Item.Name,
                        PairedTest.Of(pairs.Select(p => p[label.Index]).OfType<(double, double)>())
                    )
                    {
                        ThicknessError = Errors(label.Index, one => one.ThicknessError),
                        DenudedError = Errors(label.Index, one => one.DenudedError),
                    }),
            ],
            PairedTest.Of(
                pairs
                    .Select(p => p.OfType<(double First, double Second)>().ToArray())
                    .Where(p => p.Length > 0)
                    .Select(p => (p.Average(d => d.First), p.Average(d => d.Second)))
            ),
            Missing(first, second),
            Missing(second, first)
        )
        {
            Responses = [first.Response, second.Response],
            Counts =
            [
                StructureCounts.Of(cases),
                StructureCounts.Of(cases.Select(one => others[one.Id])),
            ],
        };
    }

    private static IEnumerable<string> Names(EvaluationSummary summary) =>
        summary.Labels.Select(label => label.Name);

    // The Dice of both, label by label; null where neither counts.
    private static (double First, double Second)?[] Pairs(CaseMetrics first, CaseMetrics second) =>
        [
            .. first.Labels.Zip(
                second.Labels,
                (a, b) =>
                    a.Dice is null && b.Dice is null
                        ? ((double, double)?)null
                        : (a.Dice ?? 1, b.Dice ?? 1)
            ),
        ];

    private static string[] Missing(EvaluationSummary from, EvaluationSummary other) =>
        [.. from.Cases.Select(one => one.Id).Except(other.Cases.Select(one => one.Id))];
}

/// <summary>One label by two systems.</summary>
/// <param name="Label">Its number.</param>
/// <param name="Name">Its name in the profile.</param>
/// <param name="Dice">Over the cases where either system or the reference has it.</param>
public sealed record LabelComparison(int Label, string Name, PairedTest Dice)
{
    /// <summary>See <see cref="LabelMetrics.ThicknessError" />; null for structures that are no plates.</summary>
    public PairedTest? ThicknessError { get; init; }

    /// <summary>See <see cref="LabelMetrics.DenudedError" />; null for structures that are no plates.</summary>
    public PairedTest? DenudedError { get; init; }
}
