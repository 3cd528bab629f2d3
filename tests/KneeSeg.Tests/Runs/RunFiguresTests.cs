using KneeSeg.Evaluation;
using KneeSeg.Reports.Sweeps;
using KneeSeg.Runs;

namespace KneeSeg.Tests.Runs;

/// <summary>The columns of the published tables, from logs whose figures are known.</summary>
public sealed class RunFiguresTests
{
    private static EpochRecord[] Log(params (double Loss, double? Validation)[] epochs) =>
        [
            .. epochs.Select(
                (epoch, i) =>
                    new EpochRecord(i + 1, i + 1, epoch.Loss, 1e-3, 1.5, null)
                    {
                        ValidationLoss = epoch.Validation,
                    }
            ),
        ];

    [Fact]
    public void Each_figure_is_a_minimum_of_its_own()
    {
        var figures = RunSummary.Of(
            Log((.9, .5), (.8, .7), (.7, .7), (.6, .7), (.2, .7), (.6, .2), (.8, .9))
        );
        Assert.Equal(.2, figures.Loss);
        Assert.Equal(.2, figures.ValLoss);
        // (.8 + .7 + .6 + .2 + .6) / 5 and (.7 + .7 + .7 + .7 + .2) / 5.
        Assert.Equal(.58, figures.MovingAverageLoss!.Value, 12);
        Assert.Equal(.6, figures.MovingAverageValLoss!.Value, 12);
        Assert.Equal(10.5, figures.Seconds, 12);
    }

    [Theory]
    [InlineData(6, 2)]
    [InlineData(5, 2)]
    [InlineData(3, 2)]
    [InlineData(2, 2)]
    [InlineData(1, 1)]
    [InlineData(0, 0)]
    public void The_window_is_one_less_than_a_short_run_has_epochs(int epochs, int windows) =>
        Assert.Equal(
            windows,
            RunSummary.MovingAverage([.. Enumerable.Range(0, epochs).Select(i => (double)i)]).Length
        );

    [Fact]
    public void Epochs_without_validation_are_passed_over()
    {
        var figures = RunSummary.Of(Log((.9, null), (.8, .6), (.7, null), (.6, .4)));
        Assert.Equal(.4, figures.ValLoss);
        Assert.Equal(.4, figures.MovingAverageValLoss);
        Assert.Null(RunSummary.Of(Log((.9, null))).ValLoss);
    }

    // Per-run figures as published, and the means ± deviations of the published table.
    [Theory]
    [InlineData("0.627 ± 0.066", .7031, .5863, .5910)]
    [InlineData("0.648 ± 0.156", .7373, .7397, .4682)]
    [InlineData("0.577 ± 0.153", .8030, .5084, .4667, .5288)]
    [InlineData("0.505 ± 0.262", .3449, .3622, .8073)]
    [InlineData("0.777", .77735)]
    public void Published_runs_give_the_published_rows(string shown, params double[] losses)
    {
        var table = SweepTables.Markdown(
            Sweep(
                "row",
                [
                    .. losses.Select(loss => new SweepRunResult(
                        RunProgress.Finished,
                        "",
                        Log((loss, null)),
                        null
                    )),
                ]
            )
        );
        Assert.Contains($" | {losses.Length} | {shown} | – | {shown} | – |", table);
    }

    [Fact]
    public void A_run_that_failed_is_listed_and_in_no_mean()
    {
        var sweep = Sweep(
            "row|1",
            [
                new(RunProgress.Finished, "", Log((.5, null)), null),
                new(RunProgress.Failed, "step 3: no number", Log((.1, null)), null),
            ]
        );
        var table = SweepTables.Markdown(sweep);
        Assert.Contains("| row\\|1 | 8x8x8 | 1 | 1 | 1 of 2 | 0.500 |", table);
        Assert.Contains("failed: step 3: no number", table);
        Assert.Contains("row|1,r1,1,failed,step 3: no number,0.1,", SweepTables.Runs(sweep));
    }

    [Fact]
    public void Tables_have_a_column_for_each_axis_of_the_networks()
    {
        SweepRow Row(string network, string run) =>
            new(network, network, network, "8x8x8", 1, 1, 1, 1, 1, [new(run, 1)]);
        var waiting = new SweepRunResult(RunProgress.Waiting, "", [], null);
        var sweep = new SweepResult(
            "family",
            [
                Row("net+depth=2+small", "a"),
                Row("net+depth=3+gated", "b"),
                Row("net+depth=3+width=0.5", "c"),
                Row("net+depth=3+width=0.50", "c"),
            ],
            new[] { "a", "b", "c" }.ToDictionary(run => run, _ => waiting)
        );
        var table = SweepTables.Markdown(sweep);
        Assert.Contains("| network | depth | width | gated | Input |", table);
        Assert.Contains("| net | 2 | small |  | 8x8x8 |", table);
        Assert.Contains("| net | 3 |  | yes | 8x8x8 |", table);
        Assert.Contains("net+depth=3+width=0.5 and net+depth=3+width=0.50 are the same", table);
        Assert.EndsWith(",3,0.5,", SweepTables.Rows(sweep).Split("\r\n")[3]);
        Assert.EndsWith(
            ",axis_network,axis_depth,axis_width,axis_gated",
            SweepTables.Runs(sweep).Split("\r\n")[0]
        );
    }

    [Fact]
    public void Networks_are_ranked_by_overlap_and_by_what_they_measure()
    {
        SweepRunResult Run(double dice, double? thickness, double srm) =>
            new(
                RunProgress.Finished,
                "",
                Log((.5, null)),
                new EvaluationSummary(
                    [],
                    [
                        Label(dice) with
                        {
                            ThicknessError = thickness is { } error ? new(error, null, 1) : null,
                        },
                    ],
                    dice
                )
                {
                    Response = new("plate", 9, -.8, srm),
                }
            );
        SweepRow Row(string name) => new(name, name, name, "8x8x8", 1, 1, 1, 1, 1, [new(name, 1)]);
        var table = SweepTables.Markdown(
            new SweepResult(
                "three",
                [Row("overlaps"), Row("measures"), Row("fails")],
                new Dictionary<string, SweepRunResult>
                {
                    ["overlaps"] = Run(.9, .2, -.3),
                    ["measures"] = Run(.8, .1, -.7),
                    ["fails"] = Run(.8, null, .9),
                }
            )
        );
        Assert.Contains("| Method | Dice | Thickness error, mm | SRM |", table);
        Assert.Contains("| overlaps | 0.900 (1) | 0.200 (2) | -0.300 (2) |", table);
        Assert.Contains("| measures | 0.800 (2) | 0.100 (1) | -0.700 (1) |", table);
        Assert.Contains("| fails | 0.800 (2) | – | 0.900 (3) |", table);
        static LabelSummary Label(double dice)
        {
            var none = new SummaryStatistics(null, null);
            return new(
                1,
                "plate",
                1,
                0,
                0,
                new(dice, null, 1),
                none,
                none,
                none,
                none,
                none,
                none,
                none,
                new(none, none, none),
                none,
                none,
                none
            );
        }
    }

    private static SweepResult Sweep(string row, SweepRunResult[] runs) =>
        new(
            "published",
            [
                new SweepRow(
                    row,
                    "net",
                    "hash",
                    "8x8x8",
                    Parameters: 1,
                    Macs: 1,
                    Memory: 1,
                    Steps: 1,
                    Batch: 1,
                    [.. runs.Select((_, i) => new SweepRun($"r{i}", i))]
                ),
            ],
            runs.Index().ToDictionary(run => $"r{run.Index}", run => run.Item)
        );
}
