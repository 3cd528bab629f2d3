using KneeSeg.Dsl;
using KneeSeg.Reports.Page;

namespace KneeSeg.Reports.Sweeps;

/// <summary>A table of texts, for Markdown and HTML.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Columns">Their titles; the first names the row.</param>
/// <param name="Rows">One cell per column.</param>
internal sealed record SweepGrid(
    string Title,
    IReadOnlyList<string> Columns,
    IReadOnlyList<string[]> Rows
)
{
    /// <summary>The tables of a sweep: the mean of each row, every repeat, and Dice by structure if there is an evaluation.</summary>
    public static IEnumerable<SweepGrid> Of(SweepResult sweep)
    {
        yield return Summary(sweep);
        if (sweep.Search.Count > 0)
            yield return Search(sweep);
        yield return Repeats(sweep);
        if (sweep.StructureNames.Count > 0)
            yield return Structures(sweep);
        // Dice alone is in the tables above.
        if (Measures(sweep) is { Columns.Count: > 2 } measures)
            yield return measures;
    }

    private static SweepGrid Summary(SweepResult sweep)
    {
        var columns = Names(sweep);
        return new(
            "Results",
            [
                .. columns.Select(column => column.Title),
                "Input",
                "Parameters",
                "MACs",
                "n",
                "Loss",
                "Val Loss",
                "Moving-average loss",
                "Moving-average val loss",
                "Duration, min",
                "Missed, misplaced, spurious",
                "Dice",
            ],
            [
                .. sweep.Rows.Select(
                    (row, i) =>
                        (string[])
                            [
                                .. columns.Select(column => column.Values[i]),
                                row.Patch,
                                NumberText.Count(row.Parameters),
                                NumberText.Large(row.Macs),
                                sweep.Finished(row).Count is var finished
                                && finished == row.Runs.Count
                                    ? $"{finished}"
                                    : $"{finished} of {row.Runs.Count}",
                                Spread(sweep, row, run => run.Figures.Loss),
                                Spread(sweep, row, run => run.Figures.ValLoss),
                                Spread(sweep, row, run => run.Figures.MovingAverageLoss),
                                Spread(sweep, row, run => run.Figures.MovingAverageValLoss),
                                Spread(
                                    sweep,
                                    row,
                                    run => run.Figures.Seconds / 60,
                                    NumberText.Millimeters
                                ),
                                Wrong(sweep.Finished(row)),
                                Spread(sweep, row, run => run.Evaluation?.MeanDice),
                            ]
                ),
            ]
        );
    }

    private static SweepGrid Search(SweepResult sweep) =>
        new(
            "Search: the rung that each row was trained to, and why it was dropped",
            ["Method", "Rung", "Epochs", "Validation Dice", "Dropped"],
            [
                .. sweep
                    .Rows.Select(row => sweep.Search[row.Name])
                    .OrderByDescending(row => row.Rung)
                    .ThenByDescending(row => row.Dice)
                    .Select(row =>
                        (string[])
                            [
                                row.Row,
                                $"{row.Rung}",
                                $"{row.Epochs}",
                                NumberText.Fraction(row.Dice),
                                row.Dropped,
                            ]
                    ),
            ]
        );

    // Where rows are called like their networks, the axes say all of that.
    private static IReadOnlyList<Axis> Names(SweepResult sweep) =>
        sweep.Axes.Count > 0 && sweep.Rows.All(row => row.Name == row.Network)
            ? sweep.Axes
            : [new("Method", [.. sweep.Rows.Select(row => row.Name)]), .. sweep.Axes];

    private static SweepGrid Repeats(SweepResult sweep) =>
        new(
            "All runs",
            [
                "Method",
                "Run",
                "Seed",
                "State",
                "Loss",
                "Val Loss",
                "Moving-average loss",
                "Moving-average val loss",
                "Duration, min",
                "Missed, misplaced, spurious",
                "Dice",
            ],
            [
                .. from row in sweep.Rows
                from repeat in row.Runs
                let run = sweep.Runs[repeat.Name]
                select new[]
                {
                    row.Name,
                    repeat.Name,
                    $"{repeat.Seed}",
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

    private static SweepGrid Structures(SweepResult sweep) =>
        new(
            "Dice by structure, with 95 % confidence intervals over the test cases",
            ["Method", .. sweep.StructureNames],
            [
                .. sweep.Rows.Select(row =>
                {
                    var own = sweep
                        .Structures(row)
                        .ToDictionary(structure => structure.Name, structure => structure.Dice);
                    return (string[])
                        [
                            row.Name,
                            .. sweep.StructureNames.Select(name =>
                                Interval(own.GetValueOrDefault(name))
                            ),
                        ];
                }),
            ]
        );

    // Which network overlaps best and which measures best need not be the same. Ranks are by what is better where smaller.
    private static SweepGrid Measures(SweepResult sweep)
    {
        (string Title, Func<SweepRunResult, double?> Of, Func<SweepRunResult, double?> By)[] all =
        [
            ("Dice", run => run.Evaluation?.MeanDice, run => -run.Evaluation?.MeanDice),
            (
                "Thickness error, mm",
                run => run.Evaluation?.MeanThicknessError,
                run => run.Evaluation?.MeanThicknessError
            ),
            (
                "Denuded area error, mm²",
                run => run.Evaluation?.MeanDenudedError,
                run => run.Evaluation?.MeanDenudedError
            ),
            (
                "SRM",
                run => run.Evaluation?.Response?.Prediction,
                run => -run.Evaluation?.Response?.Strength
            ),
        ];
        string[][] columns = [.. all.Select(measure => Ranked(sweep, measure.Of, measure.By))];
        var shown = columns
            .Index()
            .Where(column => column.Item.Any(cell => cell != None))
            .ToArray();
        return new(
            "Which network measures best: means, and ranks in parentheses",
            ["Method", .. shown.Select(column => all[column.Index].Title)],
            [
                .. sweep.Rows.Select(
                    (row, i) => (string[])[row.Name, .. shown.Select(column => column.Item[i])]
                ),
            ]
        );
    }

    private static readonly string None = NumberText.Fraction(null);

    private static string[] Ranked(
        SweepResult sweep,
        Func<SweepRunResult, double?> of,
        Func<SweepRunResult, double?> by
    )
    {
        var order = sweep.Rows.Select(row => sweep.Over(row, by).Mean).ToArray();
        return
        [
            .. sweep.Rows.Select(
                (row, i) =>
                    sweep.Over(row, of).Mean is { } mean
                        ? $"{NumberText.Fraction(mean)} ({1 + order.Count(other => other < order[i])})"
                        : None
            ),
        ];
    }

    // Summed over repeats.
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
            ? $"{all.Missed}, {all.Misplaced}, {all.Spurious} of {all.Structures}"
            : NumberText.Fraction(null);

    private static string State(SweepRunResult run) =>
        run.Progress switch
        {
            RunProgress.Finished when run.Evaluation is { Failed.Count: > 0 and var failed } =>
                $"finished; {NumberText.Of(failed, "case")} could not be evaluated",
            RunProgress.Finished => "finished",
            RunProgress.Failed => $"failed: {run.Problem}",
            RunProgress.Begun => "not finished",
            _ => "not started",
        };

    private static string Interval(Evaluation.SummaryStatistics? dice) =>
        dice?.Interval is { } interval
            ? $"{NumberText.Fraction(dice.Mean)} ({NumberText.Fraction(interval.Low)} to {NumberText.Fraction(interval.High)})"
            : NumberText.Fraction(dice?.Mean);

    private static string Spread(
        SweepResult sweep,
        SweepRow row,
        Func<SweepRunResult, double?> figure,
        Func<double?, string>? format = null
    ) =>
        sweep.Over(row, figure) is var spread
            ? NumberText.Spread(spread.Mean, spread.Sd, format ?? NumberText.Fraction)
            : "";
}
