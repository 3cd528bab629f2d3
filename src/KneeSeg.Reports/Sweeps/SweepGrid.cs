using KneeSeg.Evaluation;

namespace KneeSeg.Reports;

/// <summary>A table of texts, which Markdown and HTML draw alike.</summary>
/// <param name="Title">What it tells.</param>
/// <param name="Columns">Their titles; the first names the row.</param>
/// <param name="Rows">A cell a column.</param>
internal sealed record SweepGrid(
    string Title,
    IReadOnlyList<string> Columns,
    IReadOnlyList<string[]> Rows
)
{
    /// <summary>The tables of a sweep: means of rows, every repeat, and tissues where any were measured.</summary>
    public static IEnumerable<SweepGrid> Of(SweepResult sweep)
    {
        yield return Summary(sweep);
        yield return Repeats(sweep);
        if (sweep.Tissues.Count > 0)
            yield return Tissues(sweep);
    }

    private static SweepGrid Summary(SweepResult sweep) =>
        new(
            "Rows",
            [
                "Method",
                "Input",
                "Parameters",
                "MACs",
                "n",
                "Loss",
                "Val Loss",
                "Roll Loss",
                "Roll Val Loss",
                "Duration, min",
                "Missed, misplaced, invented",
                "Dice",
            ],
            [
                .. sweep.Rows.Select(row =>
                    new[]
                    {
                        row.Name,
                        row.Patch,
                        NumberText.Count(row.Parameters),
                        NumberText.Large(row.Macs),
                        row.Finished.Count == row.Runs.Count
                            ? $"{row.Runs.Count}"
                            : $"{row.Finished.Count} of {row.Runs.Count}",
                        Spread(row, run => run.Figures.Loss),
                        Spread(row, run => run.Figures.ValLoss),
                        Spread(row, run => run.Figures.MovingAverageLoss),
                        Spread(row, run => run.Figures.MovingAverageValLoss),
                        Spread(row, run => run.Figures.Seconds / 60, NumberText.Millimeters),
                        Wrong(row.Finished),
                        Spread(row, run => run.Evaluation?.MeanDice),
                    }
                ),
            ]
        );

    private static SweepGrid Repeats(SweepResult sweep) =>
        new(
            "Every repeat",
            [
                "Method",
                "Run",
                "Seed",
                "State",
                "Loss",
                "Val Loss",
                "Roll Loss",
                "Roll Val Loss",
                "Duration, min",
                "Missed, misplaced, invented",
                "Dice",
            ],
            [
                .. from row in sweep.Rows
                from run in row.Runs
                select new[]
                {
                    row.Name,
                    run.Name,
                    $"{run.Seed}",
                    State(run),
                    NumberText.Fraction(run.Figures.Loss),
                    NumberText.Fraction(run.Figures.ValLoss),
                    NumberText.Fraction(run.Figures.MovingAverageLoss),
                    NumberText.Fraction(run.Figures.MovingAverageValLoss),
                    NumberText.Millimeters(run.Figures.Seconds / 60),
                    Wrong([run]),
                    NumberText.Fraction(run.Evaluation?.MeanDice),
                },
            ]
        );

    private static SweepGrid Tissues(SweepResult sweep) =>
        new(
            "Dice by tissue, with 95 % intervals over the test cases",
            ["Method", .. sweep.Tissues],
            [
                .. sweep.Rows.Select(row =>
                {
                    var own = row.Tissues.ToDictionary(
                        tissue => tissue.Name,
                        tissue => tissue.Dice
                    );
                    return (string[])
                        [
                            row.Name,
                            .. sweep.Tissues.Select(name => Interval(own.GetValueOrDefault(name))),
                        ];
                }),
            ]
        );

    // Over repeats, so that "of" is all structures of all of them.
    private static string Wrong(IEnumerable<SweepRunResult> runs) =>
        runs.Select(run => run.Evaluation?.Counts)
            .DefaultIfEmpty()
            .Aggregate(
                (a, b) =>
                    a is null ? b
                    : b is null ? a
                    : a + b
            )
            is { } all
            ? $"{all.Missed}, {all.Misplaced}, {all.Invented} of {all.Structures}"
            : NumberText.Fraction(null);

    private static string State(SweepRunResult run) =>
        run.Progress switch
        {
            RunProgress.Finished when run.Evaluation is { Failed.Count: > 0 and var failed } =>
                $"finished; {NumberText.Of(failed, "case")} could not be measured",
            RunProgress.Finished => "finished",
            RunProgress.Failed => $"failed: {run.Problem}",
            RunProgress.Begun => "not finished",
            _ => "not begun",
        };

    private static string Interval(Evaluation.SummaryStatistics? dice) =>
        dice?.Interval is { } interval
            ? $"{NumberText.Fraction(dice.Mean)} ({NumberText.Fraction(interval.Low)} to {NumberText.Fraction(interval.High)})"
            : NumberText.Fraction(dice?.Mean);

    private static string Spread(
        SweepRowResult row,
        Func<SweepRunResult, double?> figure,
        Func<double?, string>? format = null
    ) =>
        row.Over(figure) is var spread
            ? NumberText.Spread(spread.Mean, spread.Sd, format ?? NumberText.Fraction)
            : "";
}
