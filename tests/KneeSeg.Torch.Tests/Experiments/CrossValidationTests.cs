using System.Security.Cryptography;
using System.Text.Json;
using KneeSeg.Data.Datasets;
using KneeSeg.Experiments;
using KneeSeg.Inference;
using KneeSeg.Runs;
using KneeSeg.Torch.Tests.Inference;

namespace KneeSeg.Torch.Tests.Experiments;

/// <summary>Cross-validations of a few steps, in this process.</summary>
public sealed class CrossValidationTests(ExperimentFolder folder) : IClassFixture<ExperimentFolder>
{
    private string[] Held(int fold) =>
        [.. RunFolder.At(folder.At($"folds/fold-{fold}")).Describe().Cases[Split.Validation]];

    // What a prediction says of the network that made it.
    private string Predicted(string id)
    {
        using var index = JsonDocument.Parse(
            File.ReadAllText(folder.At("folds/predictions/predictions.json"))
        );
        return index.RootElement.GetProperty("cases").GetProperty(id).GetRawText();
    }

    private string Checkpoint(int fold) =>
        Convert.ToHexStringLower(
            SHA256.HashData(File.ReadAllBytes(RunFolder.At(folder.At($"folds/fold-{fold}")).Best))
        );

    [Fact]
    public void Every_case_is_predicted_once_by_a_network_that_has_not_seen_it()
    {
        var request = folder.Training("folds");
        var summary = CrossValidation.Run(request, folds: 2, SilentProgress.Instance)!;
        string[] cases = ["knee-0001", "knee-0002", "knee-0003", "knee-0004"];
        Assert.Equal(cases, summary.Cases.Select(one => one.Id).Order());
        Assert.Equal(cases, Held(1).Concat(Held(2)).Order());
        Assert.True(File.Exists(folder.At("folds/evaluation.json")));
        foreach (var fold in new[] { 1, 2 })
            Assert.All(Held(fold), id => Assert.Contains(Checkpoint(fold), Predicted(id)));
        // The folder is an ensemble.
        Assert.Equal(2, RunSet.Find([request.Run]).Runs.Count);

        var listener = new Listener();
        Assert.Equal(summary.ToJson(), CrossValidation.Run(request, folds: 2, listener)!.ToJson());
        Assert.DoesNotContain(listener.Reported, progress => progress.What == "training");
    }

    [Fact]
    public void Shards_train_a_fold_each_and_what_is_finished_is_evaluated()
    {
        var request = folder.Training("sharded");
        void Train(int shard) =>
            Assert.True(
                CrossValidation.Train(request, 2, new Shard(shard, 2), SilentProgress.Instance)
            );
        bool[] Done() => [.. CrossValidation.Units(request, 2).Select(unit => unit.IsDone)];
        Assert.Throws<ProblemException>(() =>
            CrossValidation.Evaluate(request, 2, SilentProgress.Instance)
        );
        Train(2);
        Assert.Equal([false, true], Done());
        Assert.False(File.Exists(folder.At("sharded/evaluation.json")));
        Assert.Equal(2, CrossValidation.Evaluate(request, 2, SilentProgress.Instance).Cases.Count);
        var left = CrossValidation.Units(request, 2)[0];
        Assert.Equal("fold-1", left.Name);
        Assert.True(left.Seconds > 0);
        Train(1);
        Assert.Equal([true, true], Done());
        var whole = folder.Training("unsharded");
        Assert.Equal(
            CrossValidation.Run(whole, 2, SilentProgress.Instance)!.MeanDice,
            CrossValidation.Evaluate(request, 2, SilentProgress.Instance).MeanDice
        );
    }

    [Theory]
    [InlineData(1, ExitCode.Usage, "at least 2 folds")]
    [InlineData(9, ExitCode.Data, "4 subjects")]
    public void Folds_that_cannot_be_made_are_refused(int folds, ExitCode exit, string what)
    {
        var problem = Assert.Throws<ProblemException>(() =>
            CrossValidation.Run(folder.Training("none"), folds, SilentProgress.Instance)
        );
        Assert.Equal(exit, problem.Exit);
        Assert.Contains(what, problem.What);
        Assert.False(Directory.Exists(folder.At("none")));
    }
}
