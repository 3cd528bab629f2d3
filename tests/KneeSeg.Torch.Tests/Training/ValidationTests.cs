using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Patches;
using KneeSeg.Data.Phantoms;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Inference;
using KneeSeg.Inference.Tiling;
using KneeSeg.Runs;
using KneeSeg.Training;
using KneeSeg.Weights;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests.Training;

/// <summary>How much of the validation cases is predicted while training, and what is known at its end.</summary>
public sealed class ValidationTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg").FullName;

    public ValidationTests() => PhantomSet.Write(At("knees"), 10, new(16, 32, 32));

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    // 9 windows of 16³ with overlap and 4 without, of each of two cases.
    [InlineData(1, 1, 0)]
    [InlineData(0.06, 1, 0)]
    [InlineData(0.05, 5, 8)]
    [InlineData(0.02, 5, 4)]
    [InlineData(0.001, 1, 2)]
    // A step of two patches is two steps of one.
    [InlineData(0.01, 2, 4)]
    public void Windows_are_as_many_as_the_share_allows(double share, int every, int windows)
    {
        var recipe = Recipe(share) with
        {
            StepsPerEpoch = 20,
            ValidateEvery = every,
            BatchSize = every == 2 ? 2 : 1,
        };
        var plan = ValidationPlan.Of(Cases(), Patch, recipe);
        Assert.Equal(windows == 0, plan.IsWhole);
        Assert.Equal(windows, plan.Windows);
    }

    [Fact]
    public void Windows_are_the_same_every_time_and_most_show_structures()
    {
        var cases = Cases();
        ValidationPlan Plan(long seed) =>
            ValidationPlan.Of(
                cases,
                new(PatchKind.Volume, new(4, 8, 8)),
                Recipe(0.02) with
                {
                    Seed = seed,
                }
            );
        var plan = Plan(1);
        Assert.Equal(Offsets(plan), Offsets(Plan(1)));
        Assert.NotEqual(Offsets(plan), Offsets(Plan(2)));
        Assert.All(
            plan.Parts,
            part =>
            {
                Assert.Equal(part.Windows.Count, part.Windows.Distinct().Count());
                var showing = part.Windows.Count(window =>
                    window.PartOf(part.Case.Labels.Span, part.Case.Size).Any(label => label > 0)
                );
                Assert.Equal(part.Windows.Count - part.Windows.Count / 5, showing);
            }
        );
    }

    [Fact]
    public void Windows_side_by_side_that_are_the_whole_case_give_its_dice()
    {
        using var network = Tiny();
        var one = Cases()[0];
        SlidingWindow windows = new(network, new(PatchKind.Volume, one.Size), Precision.Fp32, CPU);
        var window = windows.Windows(one.Size).Windows.Single();
        var (whole, part) = (new Validation(7, Silent), new Validation(7, Silent));
        Assert.Equal(
            whole.Whole(windows, [one], (_, _) => { }).Dice,
            part.Estimate(windows, new([new(one, [window])], false)).Dice
        );
        Assert.Equal(whole.Temperature, part.Temperature);
    }

    [Fact]
    public void A_slice_alone_is_that_of_the_whole_case()
    {
        using var network = Tiny();
        var one = Cases()[0];
        SlidingWindow windows = new(network, Patch, Precision.Fp32, CPU);
        var all = windows.Labels(one.Image, one.Size);
        var plane = one.Size.Height * one.Size.Width;
        Assert.True(all.Distinct().Count() > 1);
        foreach (var slice in new[] { 0, 7, 15 })
            Assert.Equal(
                all[(slice * plane)..((slice + 1) * plane)],
                windows.Labels(one.Image, one.Size, slice)
            );
    }

    [Fact]
    public void Estimates_choose_weights_that_are_validated_on_all_of_every_case_in_the_end()
    {
        var result = Trainer.Run(Request("run"), Silent, []);
        Assert.All(result.Epochs, epoch => Assert.Equal(2, epoch.Validation!.Windows));
        Assert.All(result.Epochs.SkipLast(1), epoch => Assert.Null(epoch.BestValidation));

        using var best = TrainedNetwork.Open(At("run"), CPU, Silent);
        SlidingWindow windows = new(best.Network, Patch, Precision.Fp32, CPU);
        var expected = new Validation(7, Silent).Whole(windows, Cases(), (_, _) => { });
        Assert.Equal(expected.Dice, result.Epochs[^1].BestValidation!.Dice);
        Assert.Null(result.Epochs[^1].BestValidation!.Windows);
        Assert.NotNull(best.Run.Temperature);
        Assert.Equal(
            result.Epochs.Select(epoch => epoch.BestValidation?.Mean),
            RunLog.Read(result.Run.LogFile).Select(epoch => epoch.BestValidation?.Mean)
        );
    }

    [Fact]
    public void A_validation_that_is_interrupted_is_done_again()
    {
        var whole = Trainer.Run(Request("whole"), Silent, []);
        // The last case of the last epoch: its steps are done, its record is not.
        using var cancel = new CancellationTokenSource();
        var cut = Trainer.Run(
            Request("cut"),
            new CancelAt(cancel, validations: 2),
            [],
            cancel.Token
        );
        Assert.False(cut.Finished);
        Assert.Single(RunLog.Read(cut.Run.LogFile));

        var resumed = Trainer.Run(Request("cut"), Silent, []);
        Assert.True(resumed.Finished);
        Assert.Equal(
            whole.Epochs.Select(Results),
            RunLog.Read(resumed.Run.LogFile).Select(Results)
        );
        foreach (var checkpoint in new[] { "best", "last" })
            Assert.Equal(Hash(whole.Run, checkpoint), Hash(resumed.Run, checkpoint));
        Assert.True(Trainer.Run(Request("cut"), Silent, []).Finished);
    }

    private static IProgressSink Silent => SilentProgress.Instance;

    private static ModelInput Patch => new(PatchKind.Volume, new(16, 16, 16));

    private static TorchNetwork Tiny()
    {
        var network = new TorchNetwork(
            Dsl.Networks.Elaborate(Dsl.Networks.Parse("tiny-vnet"), 1, 7),
            1,
            CPU
        );
        network.eval();
        return network;
    }

    private static string Results(EpochRecord epoch) =>
        $"{epoch.Loss} {epoch.ValidationLoss} {epoch.Validation!.Mean} {epoch.BestValidation?.Mean}";

    private static string Hash(RunFolder run, string checkpoint) =>
        SafetensorsFile
            .Read(Path.Combine(run.Root, "checkpoints", $"{checkpoint}.safetensors"))
            .Hash;

    private static IEnumerable<string> Offsets(ValidationPlan plan) =>
        plan.Parts.SelectMany(part => part.Windows).Select(window => $"{window.Start}");

    private static Recipe Recipe(double share) => new() { ValidationShare = share, BatchSize = 1 };

    private string At(string name) => Path.Combine(folder, name);

    private TrainingRequest Request(string run)
    {
        var request = ShortTraining.Of("tiny-vnet", At("knees"), At(run), "16x16x16");
        return request with
        {
            Recipe = request.Recipe with { ValidateEvery = 1, ValidationShare = 0.001 },
        };
    }

    private IReadOnlyList<PreprocessedCase> Cases()
    {
        var dataset = DatasetFolder.Open(At("knees"));
        return PreprocessedDataset.Load(dataset, new(Preprocessor.SpacingFor(dataset))).Validation;
    }

    private sealed class CancelAt(CancellationTokenSource cancel, int validations) : IProgressSink
    {
        private int begun;

        public void Report(Progress progress)
        {
            if (progress is { What: "validating", Done: 0 } && ++begun == validations)
                cancel.Cancel();
        }

        public void Say(string line) { }
    }
}
