using KneeSeg.Experiments;
using KneeSeg.Runs;

namespace KneeSeg.Torch.Tests.Experiments;

/// <summary>The differences between two run folders.</summary>
public sealed class RunComparisonTests(ExperimentFolder folder) : IClassFixture<ExperimentFolder>
{
    /// <summary>A run folder; with predicted cases also its evaluation.</summary>
    private string Run(
        string name,
        Func<RunManifest, RunManifest>? change = null,
        string spec = "tiny-vnet",
        params string[] predicted
    )
    {
        var run = Inference.Runs.Write(folder.At(name), spec, checkpoints: []);
        AtomicFile.WriteText(run.RunFile, (change ?? (same => same))(run.Describe()).Write());
        if (predicted is not [])
            EvaluationJob.Run(
                folder.Predictions($"{name}-labels", predicted),
                folder.At("knees"),
                run.Root,
                SilentProgress.Instance
            );
        return run.Root;
    }

    [Fact]
    public void Runs_that_differ_in_nothing_have_no_differences()
    {
        var compared = RunComparison.Of(Run("a"), Run("b"));
        Assert.True(compared.SameArchitecture && compared.SameData);
        Assert.Empty(compared.Spec);
        Assert.Empty(compared.Recipe);
        Assert.Null(compared.Results);
    }

    [Fact]
    public void Changed_fields_are_named_with_both_values()
    {
        var compared = RunComparison.Of(
            Run("first"),
            Run(
                "second",
                run =>
                    run with
                    {
                        Recipe = run.Recipe with { Seed = 2, Epochs = 7 },
                        Fingerprint = "other",
                    }
            )
        );
        Assert.Equal(
            [("epochs", "50", "7"), ("seed", "1", "2")],
            compared.Recipe.Select(one => (one.What, one.First, one.Second))
        );
        Assert.False(compared.SameData);
    }

    [Fact]
    public void Networks_differ_by_paths_in_their_specs()
    {
        var compared = RunComparison.Of(Run("plain"), Run("relative", spec: "tiny-vnet+relative"));
        Assert.Equal(["tiny-vnet", "tiny-vnet+relative"], compared.Networks);
        Assert.False(compared.SameArchitecture);
        Assert.Contains(
            compared.Spec,
            one => one.What.StartsWith("variants", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Results_are_compared_over_the_cases_that_both_have()
    {
        var compared = RunComparison.Of(
            Run("more", predicted: ["knee-0001", "knee-0005"]),
            Run("less", predicted: ["knee-0005"])
        );
        Assert.Equal(["knee-0001"], compared.Results!.OnlyFirst);
        Assert.Empty(compared.Results.OnlySecond);
        Assert.Equal((1, 0.0), (compared.Results.MeanDice.N, compared.Results.MeanDice.Difference));
    }
}
