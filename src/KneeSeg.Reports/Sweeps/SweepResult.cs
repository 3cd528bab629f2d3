using KneeSeg.Dsl;
using KneeSeg.Evaluation;
using KneeSeg.Runs;

namespace KneeSeg.Reports.Sweeps;

/// <summary>The results of a sweep so far.</summary>
/// <param name="Title">Of the tables.</param>
/// <param name="Rows">In the file's order.</param>
/// <param name="Runs">What came of each run, by its name: several rows can share a run.</param>
public sealed record SweepResult(
    string Title,
    IReadOnlyList<SweepRow> Rows,
    IReadOnlyDictionary<string, SweepRunResult> Runs
)
{
    /// <summary>The names of all evaluated structures.</summary>
    public IReadOnlyList<string> StructureNames =>
        [.. Rows.SelectMany(Structures).Select(structure => structure.Name).Distinct()];

    /// <summary>What a search made of each row, by its name; empty without one.</summary>
    public IReadOnlyDictionary<string, SearchedRow> Search { get; init; } =
        new Dictionary<string, SearchedRow>();

    /// <summary>What tells the rows apart, a column each.</summary>
    internal IReadOnlyList<Axis> Axes { get; } =
    [
        .. Networks.Axes([.. Rows.Select(row => row.Network)]),
        .. Rows.Any(row => row.Recipe is not null)
            ? [new Axis("recipe", [.. Rows.Select(row => row.Recipe ?? "")])]
            : Array.Empty<Axis>(),
    ];

    /// <summary>A row's repeats, in its order.</summary>
    public IReadOnlyList<SweepRunResult> Repeats(SweepRow row) =>
        [.. row.Runs.Select(run => Runs[run.Name])];

    /// <summary>A row's finished repeats.</summary>
    public IReadOnlyList<SweepRunResult> Finished(SweepRow row) =>
        [.. Repeats(row).Where(run => run.Progress == RunProgress.Finished)];

    /// <summary>Mean and sample deviation of a figure over a row's finished repeats.</summary>
    public SummaryStatistics Over(SweepRow row, Func<SweepRunResult, double?> figure) =>
        SummaryStatistics.Of(Finished(row).Select(figure));

    /// <summary>
    /// Dice of each structure in a row: each case counts once, with the mean over the repeats that have a value for it, so
    /// that intervals are over cases.
    /// </summary>
    public IReadOnlyList<(string Name, SummaryStatistics Dice)> Structures(SweepRow row) =>
        [
            .. from run in Finished(row)
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
}

/// <summary>What came of one run of a sweep.</summary>
/// <param name="Progress">Its state.</param>
/// <param name="Problem">Why it failed; else empty.</param>
/// <param name="Epochs">Its log.</param>
/// <param name="Evaluation">The evaluation on the test cases; null if there is none.</param>
public sealed record SweepRunResult(
    RunProgress Progress,
    string Problem,
    IReadOnlyList<EpochRecord> Epochs,
    EvaluationSummary? Evaluation
)
{
    /// <summary>Its images.</summary>
    public RunPictures Pictures { get; init; } = RunPictures.None;

    /// <summary>The summary of its log.</summary>
    public RunSummary Figures { get; } = RunSummary.Of(Epochs);
}

/// <summary>The state of a run of a sweep.</summary>
public enum RunProgress
{
    /// <summary>Not started.</summary>
    Waiting,

    /// <summary>Started and not finished.</summary>
    Begun,

    /// <summary>All epochs are done.</summary>
    Finished,

    /// <summary>Ended by a problem of its own.</summary>
    Failed,
}

/// <summary>The images and links that a sweep's page shows for a run.</summary>
/// <param name="Still">The snapshot of its last validation, a PNG; null if there is none.</param>
/// <param name="Files">Its report and animations, as paths from the page's folder with <c>/</c>.</param>
public sealed record RunPictures(byte[]? Still, IReadOnlyList<string> Files)
{
    /// <summary>For a run without any.</summary>
    public static RunPictures None { get; } = new(null, []);

    /// <summary>Those in a run's folder.</summary>
    /// <param name="folder">The page's folder.</param>
    /// <param name="run">The run.</param>
    /// <param name="epochs">Its log.</param>
    public static RunPictures Of(string folder, RunFolder run, IReadOnlyList<EpochRecord> epochs)
    {
        if (!Directory.Exists(run.Root))
            return None;
        var still = epochs.Select(epoch => run.Snapshot(epoch.Epoch)).LastOrDefault(File.Exists);
        string[] files =
        [
            run.Report,
            run.Animation,
            .. Found("report-*-slices.gif"),
            .. Found("report-*-voxels.png"),
        ];
        return new(
            still is null ? null : File.ReadAllBytes(still),
            [
                .. files
                    .Where(File.Exists)
                    .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/')),
            ]
        );

        IEnumerable<string> Found(string pattern) =>
            Directory.GetFiles(run.Root, pattern).Order(StringComparer.Ordinal);
    }
}
