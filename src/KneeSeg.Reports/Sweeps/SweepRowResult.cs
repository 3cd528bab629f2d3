using KneeSeg.Evaluation;

namespace KneeSeg.Reports;

/// <summary>One row of a sweep: a network trained several times in one way.</summary>
/// <param name="Name">As the table shows it.</param>
/// <param name="Network">The network's name.</param>
/// <param name="Patch">Its input in voxels, DxHxW.</param>
/// <param name="Parameters">Learned numbers.</param>
/// <param name="Macs">Multiply-accumulates of one patch.</param>
/// <param name="Runs">Every repeat.</param>
public sealed record SweepRowResult(
    string Name,
    string Network,
    string Patch,
    long Parameters,
    long Macs,
    IReadOnlyList<SweepRunResult> Runs
)
{
    /// <summary>The repeats that count.</summary>
    public IReadOnlyList<SweepRunResult> Finished { get; } =
    [.. Runs.Where(run => run.Progress == RunProgress.Finished)];

    /// <summary>Mean and sample deviation of a figure over the finished repeats.</summary>
    public SummaryStatistics Over(Func<SweepRunResult, double?> figure) =>
        SummaryStatistics.Of(Finished.Select(figure));

    /// <summary>
    /// Dice of each tissue: a case counts once, with the mean of the repeats that have a value for it, so that the
    /// interval is one over cases.
    /// </summary>
    public IReadOnlyList<(string Name, SummaryStatistics Dice)> Tissues =>
        [
            .. from run in Finished
            from measured in run.Evaluation?.Cases ?? []
            from label in measured.Labels
            group (measured.Id, label.Dice) by (label.Label, label.Name) into tissue
            orderby tissue.Key.Label
            select (
                tissue.Key.Name,
                SummaryStatistics.Of(
                    tissue.GroupBy(one => one.Id).Select(one => one.Average(x => x.Dice))
                )
            ),
        ];

    /// <summary>The mean Dice of the test cases, over the finished repeats.</summary>
    public SummaryStatistics MeanDice => Over(run => run.Evaluation?.MeanDice);
}

/// <summary>A sweep as tables show it.</summary>
/// <param name="Title">Of the tables.</param>
/// <param name="Rows">In the file's order.</param>
public sealed record SweepResult(string Title, IReadOnlyList<SweepRowResult> Rows)
{
    /// <summary>All runs, each once, though several rows may show it.</summary>
    public IReadOnlyList<SweepRunResult> Runs =>
        [.. Rows.SelectMany(row => row.Runs).DistinctBy(run => run.Name)];

    /// <summary>The names of all tissues that were measured.</summary>
    public IReadOnlyList<string> Tissues =>
        [.. Rows.SelectMany(row => row.Tissues.Select(tissue => tissue.Name)).Distinct()];
}
