using KneeSeg.Dsl;
using KneeSeg.Reports.Html;
using KneeSeg.Reports.Page;
using KneeSeg.Reports.Tables;

namespace KneeSeg.Reports.Sweeps;

/// <summary>Writes a sweep's tables. The same runs give the same bytes.</summary>
public static class SweepTables
{
    private const string Definitions =
        "Loss and Val Loss are a run's smallest epoch means. The moving-average losses are its smallest means over five "
        + "consecutive epochs (one epoch less than the run has, in runs of up to five); published tables call them Roll Loss and Roll Val Loss. "
        + "Each minimum is taken separately. Values are means over repeats ± sample standard deviation. Val Loss is computed on the center patches of the validation cases. "
        + "Duration includes validation. Missed structures are in the reference only, misplaced ones in both without overlap, "
        + "spurious ones in the prediction only, counted over all test cases and repeats. Dice is the mean over structures on the test cases. Thickness error is the mean over cartilage plates and test cases of |ΔThCtAB|, denuded area error likewise of |ΔdAB|; "
        + "SRM is the standardized response mean of predicted thickness, in the plate whose references change most, where test cases are visits of knees. MACs are for one patch. Input is depth × height × width.";

    /// <summary>Writes <c>table.md</c>, <c>table.csv</c>, <c>runs.csv</c> and <c>index.html</c> into a folder.</summary>
    /// <exception cref="ProblemException">They cannot be written (exit 6).</exception>
    public static void Write(string folder, SweepResult sweep)
    {
        AtomicFile.WriteText(Path.Combine(folder, "table.md"), Markdown(sweep));
        AtomicFile.WriteText(Path.Combine(folder, "table.csv"), Rows(sweep));
        AtomicFile.WriteText(Path.Combine(folder, "runs.csv"), Runs(sweep));
        AtomicFile.WriteText(Path.Combine(folder, "index.html"), Page(sweep).Source);
    }

    /// <summary>All tables as Markdown.</summary>
    public static string Markdown(SweepResult sweep) =>
        $"# {sweep.Title}\n\n{Definitions}\n{string.Concat(Twins(sweep).Select(line => $"\n{line}\n"))}"
        + string.Concat(
            SweepGrid.Of(sweep).Select(grid => $"\n## {grid.Title}\n\n{Markdown(grid)}")
        );

    /// <summary>One line per row, in full precision.</summary>
    public static string Rows(SweepResult sweep) =>
        CsvTables.Table(
            [
                "method",
                "network",
                "input",
                "parameters",
                "macs",
                "repeats",
                "finished",
                .. Measures.SelectMany(measure =>
                    new[] { $"{measure.Name}_mean", $"{measure.Name}_sd" }
                ),
                .. sweep.Axes.Select(Column),
                .. sweep.Search.Count > 0 ? ["rung", "dropped"] : Array.Empty<string>(),
            ],
            sweep.Rows.Select(
                (row, i) =>
                    (object?[])
                        [
                            row.Name,
                            row.Network,
                            row.Patch,
                            row.Parameters,
                            row.Macs,
                            row.Runs.Count,
                            sweep.Finished(row).Count,
                            .. Measures
                                .Select(measure => sweep.Over(row, measure.Of))
                                .SelectMany(spread => new object?[] { spread.Mean, spread.Sd }),
                            .. sweep.Axes.Select(axis => axis.Values[i]),
                            .. sweep.Search.TryGetValue(row.Name, out var searched)
                                ? [searched.Rung, searched.Dropped]
                                : Array.Empty<object?>(),
                        ]
            )
        );

    /// <summary>One line per repeat of each row, in full precision.</summary>
    public static string Runs(SweepResult sweep) =>
        CsvTables.Table(
            [
                "method",
                "run",
                "seed",
                "state",
                "problem",
                .. Measures.Select(measure => measure.Name),
                .. sweep.Axes.Select(Column),
            ],
            from row in sweep.Rows.Index()
            from repeat in row.Item.Runs
            let run = sweep.Runs[repeat.Name]
            select (object?[])
                [
                    row.Item.Name,
                    repeat.Name,
                    repeat.Seed,
                    run.Progress.ToString().ToLowerInvariant(),
                    run.Problem,
                    .. Measures.Select(measure => (object?)measure.Of(run)),
                    .. sweep.Axes.Select(axis => axis.Values[row.Index]),
                ]
        );

    // Not to be taken for a column of its own kind, such as "network".
    private static string Column(Axis axis) => $"axis_{axis.Title}";

    // Equal networks with equal settings have the same runs.
    private static IEnumerable<string> Twins(SweepResult sweep) =>
        sweep
            .Rows.GroupBy(row => string.Join('/', row.Runs.Select(run => run.Name)))
            .Where(same => same.Count() > 1)
            .Select(same =>
                $"{string.Join(" and ", same.Select(row => row.Name))} are the same network with the same settings, trained once."
            );

    private static (string Name, Func<SweepRunResult, double?> Of)[] Measures =>
        [
            ("loss", run => run.Figures.Loss),
            ("val_loss", run => run.Figures.ValLoss),
            ("roll_loss", run => run.Figures.MovingAverageLoss),
            ("roll_val_loss", run => run.Figures.MovingAverageValLoss),
            ("duration_s", run => run.Figures.Seconds),
            ("dice", run => run.Evaluation?.MeanDice),
            ("missed", run => run.Evaluation?.Missed),
            ("misplaced", run => run.Evaluation?.Misplaced),
            ("invented", run => run.Evaluation?.Spurious),
            ("thickness_error_mm", run => run.Evaluation?.MeanThicknessError),
            ("denuded_error_mm2", run => run.Evaluation?.MeanDenudedError),
            ("srm", run => run.Evaluation?.Response?.Prediction),
        ];

    private static string Markdown(SweepGrid grid) =>
        string.Concat(
            MarkdownTable
                .Lines(
                    [.. grid.Columns.Select((title, i) => new MarkdownColumn(title, i > 0))],
                    grid.Rows
                )
                .Select(line => $"{line}\n")
        );

    private static Markup Page(SweepResult sweep) =>
        PageFrame.Draw(
            sweep.Title,
            // Validation curves have the color of the first label.
            labels: 2,
            Markup.Of(
                $"""
                <p class="kind">KneeSeg · sweep report</p>
                <h1>{sweep.Title}</h1>
                <p class="lead">{NumberText.Of(sweep.Rows.Count, "row")}, {sweep
                    .Runs.Values.Count(run => run.Progress == RunProgress.Finished)} of {NumberText.Of(
                    sweep.Runs.Count,
                    "run"
                )} finished.</p>
                {Markup.Each(Twins(sweep), line => Markup.Of($"<p>{line}</p>"))}
                {Markup.Each(SweepGrid.Of(sweep), Section)}
                {SweepCurves.Draw(sweep)}
                {SweepPictures.Draw(sweep)}
                <section id="definitions"><h2>Columns</h2><p>{Definitions}</p></section>
                """
            )
        );

    private static Markup Section(SweepGrid grid) =>
        Markup.Of(
            $"""
            <section><h2>{grid.Title}</h2>
            <div class="scroll"><table class="dense">
            <thead><tr><th>{grid.Columns[0]}</th>{TableCells.Titles(grid.Columns.Skip(1))}</tr></thead>
            <tbody>{Markup.Each(
                grid.Rows,
                row => Markup.Of($"""<tr><th scope="row">{row[0]}</th>{TableCells.Of(row.Skip(1))}</tr>""")
            )}</tbody>
            </table></div></section>
            """
        );
}
