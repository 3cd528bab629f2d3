using KneeSeg.Experiments;
using KneeSeg.Experiments.Sweeps;
using KneeSeg.Reports.Sweeps;
using KneeSeg.Torch.Tests.Inference;

namespace KneeSeg.Torch.Tests.Experiments;

/// <summary>Sweeps of a few steps, in this process.</summary>
public sealed class SweepRunnerTests(ExperimentFolder folder) : IClassFixture<ExperimentFolder>
{
    private SweepRequest Request(string name, string rows) =>
        SweepNetworks.Request(
            folder.Write(
                $"{name}.json",
                $$"""
                { "name": "{{name}}", "patch": "16x16x16", "rows": [ {{rows}} ],
                  "recipe": "published-vnet", "set": { "epochs": 1, "stepsPerEpoch": 2 } }
                """
            ),
            folder.At("knees"),
            folder.At(name)
        );

    // Two runs that fail at once: another network was trained into each folder.
    private SweepRequest Failing(string name)
    {
        var request = Request(
            name,
            """
            { "name": "one", "spec": "unet3d+tiny" },
            { "name": "other", "spec": "tiny-vnet" }
            """
        );
        foreach (var run in new[] { "one-r1", "other-r1" })
            Inference.Runs.Write(
                SweepIndex.RunOf(request.Out, run),
                "tiny-vnet+relative",
                checkpoints: []
            );
        return request;
    }

    [Fact]
    public void A_run_that_fails_is_in_the_table_and_the_next_is_tried()
    {
        var request = Failing("fails");
        var outcome = SweepRunner.Run(request, SilentProgress.Instance);
        Assert.True(outcome.Finished);
        Assert.Equal(
            [("one-r1", ExitCode.Checkpoint), ("other-r1", ExitCode.Checkpoint)],
            outcome.Failures.Select(failed => (failed.Run, failed.Failure.Exit))
        );
        var result = SweepReport.Gather(request.Out).Runs["other-r1"];
        Assert.Equal(RunProgress.Failed, result.Progress);
        Assert.Contains("holds a run of", result.Problem);
        Assert.Contains(
            "other,other-r1,1,failed,",
            File.ReadAllText(Path.Combine(request.Out, "runs.csv"))
        );
    }

    [Theory]
    [InlineData(1, "one-r1")]
    [InlineData(2, "other-r1")]
    public void A_shard_tries_its_own_runs_and_leaves_the_others(int shard, string run)
    {
        var request = Failing($"shard-{shard}") with { Shard = new Shard(shard, 2) };
        var outcome = SweepRunner.Run(request, SilentProgress.Instance);
        Assert.Equal(run, Assert.Single(outcome.Failures).Run);
        Assert.Equal(1, outcome.Elsewhere);
    }

    [Fact]
    public void A_sweep_goes_on_with_what_is_missing_and_does_nothing_again()
    {
        var request = Request("short", """{ "spec": "tiny-vnet" }""");
        var evaluation = Path.Combine(
            SweepIndex.RunOf(request.Out, "tiny-vnet-r1"),
            EvaluationJob.FileName
        );
        using var cancel = new CancellationTokenSource();
        var cut = SweepRunner.Run(request, new CancelAt("predicting", cancel), cancel.Token);
        Assert.False(cut.Finished);
        Assert.Empty(cut.Failures);
        Assert.False(File.Exists(evaluation));

        Assert.True(SweepRunner.Run(request, SilentProgress.Instance).Finished);
        Assert.True(File.Exists(evaluation));

        string[] files = ["sweep.json", "table.md", "table.csv", "runs.csv", "index.html"];
        string[] Texts() =>
            [.. files.Select(name => File.ReadAllText(Path.Combine(request.Out, name)))];
        var before = Texts();
        var listener = new Listener();
        SweepRunner.Run(request, listener);
        Assert.Equal(before, Texts());
        Assert.Equal("all 1 runs are finished", listener.Said[^1]);
        Assert.Empty(listener.Reported);
    }

    [Fact]
    public void A_search_trains_half_of_the_rows_to_the_end_and_says_why_not_the_others()
    {
        SweepRequest Search(string name) =>
            SweepNetworks.Request(
                folder.Write(
                    $"{name}.json",
                    $$"""
                    { "name": "{{name}}", "patch": "16x16x16", "rows": [ { "spec": "tiny-vnet" } ],
                      "recipes": { "slow": { "learningRate": 1e-7 }, "fast": {} },
                      "set": { "epochs": 2, "stepsPerEpoch": 2, "validateEvery": 1, "batchSize": 1 } }
                    """
                ),
                folder.At("knees"),
                folder.At(name)
            ) with
            {
                Search = TimeSpan.FromHours(1),
            };
        Assert.True(SweepRunner.Run(Search("whole"), SilentProgress.Instance).Finished);
        var table = File.ReadAllLines(Path.Combine(folder.At("whole"), "table.csv"));
        Assert.EndsWith(",axis_recipe,rung,dropped", table[0]);
        Assert.Single(table, line => line.EndsWith(",2,", StringComparison.Ordinal));
        Assert.Single(
            table,
            line => line.Contains("rung 1, epoch 1: 2 of 2", StringComparison.Ordinal)
        );
        Assert.Equal(
            [1, 2],
            new[] { "slow", "fast" }
                .Select(recipe =>
                    SweepReport
                        .Gather(folder.At("whole"))
                        .Runs[$"tiny-vnet-{recipe}-r1"]
                        .Epochs.Count
                )
                .Order()
        );
        Assert.Contains(
            "## Search",
            File.ReadAllText(Path.Combine(folder.At("whole"), "table.md"))
        );

        // Weights are those of a training that was never stopped between rungs.
        using var cancel = new CancellationTokenSource();
        SweepRunner.Run(Search("cut"), new CancelAt("predicting", cancel), cancel.Token);
        SweepRunner.Run(Search("cut"), SilentProgress.Instance);
        Assert.Equal(
            SweepReport.Gather(folder.At("whole")).Search.Values.Select(row => row.Dropped),
            SweepReport.Gather(folder.At("cut")).Search.Values.Select(row => row.Dropped)
        );
    }

    private sealed class CancelAt(string work, CancellationTokenSource cancel) : IProgressSink
    {
        public void Report(Progress progress)
        {
            if (progress.What == work)
                cancel.Cancel();
        }

        public void Say(string line) { }
    }
}
