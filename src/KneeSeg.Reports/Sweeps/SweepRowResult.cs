using KneeSeg.Evaluation;

namespace KneeSeg.Reports.Sweeps;

/// <summary>One row of a sweep: a network trained several times in one way.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Network">The network's name.</param>
/// <param name="Patch">Its input in voxels, DxHxW.</param>
/// <param name="Parameters">Trainable parameters.</param>
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
    /// <summary>The finished repeats.</summary>
    public IReadOnlyList<SweepRunResult> Finished { get; } =
    [.. Runs.Where(run => run.Progress == RunProgress.Finished)];

    /// <summary>Mean and sample deviation of a figure over the finished repeats.</summary>
    public SummaryStatistics Over(Func<SweepRunResult, double?> figure) =>
        SummaryStatistics.Of(Finished.Select(figure));

    /// <summary>
    /// Dice of each structure: each case counts once, with the mean over the repeats that have a value for it, so that
    /// intervals are over cases.
    /// </summary>
    public IReadOnlyList<(string Name, SummaryStatistics Dice)> Structures =>
        [
            .. from run in Finished
            from measured in run.Evaluation?.Cases ?? []
            from label in measured.Labels
            group (measured.Id, label.Dice) by (label.Label, label.Name) into structure
            orderby structure.Key.Label
            select (
                structure.Key.Name,
                SummaryStatistics.Of(
                    structure.GroupBy(one => one.Id).Select(one => one.Average(x => x.Dice))
                )
            ),
        ];

    /// <summary>The mean Dice of the test cases, over the finished repeats.</summary>
    public SummaryStatistics MeanDice => Over(run => run.Evaluation?.MeanDice);
}

/// <summary>The results of a sweep.</summary>
/// <param name="Title">Of the tables.</param>
/// <param name="Rows">In the file's order.</param>
public sealed record SweepResult(string Title, IReadOnlyList<SweepRowResult> Rows)
{
    /// <summary>All runs, without duplicates: several rows can share a run.</summary>
    public IReadOnlyList<SweepRunResult> Runs =>
        [.. Rows.SelectMany(row => row.Runs).DistinctBy(run => run.Name)];

    /// <summary>The names of all evaluated structures.</summary>
    public IReadOnlyList<string> Structures =>
        [.. Rows.SelectMany(row => row.Structures.Select(structure => structure.Name)).Distinct()];
}
