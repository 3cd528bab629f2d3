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
