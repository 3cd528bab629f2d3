using KneeSeg.Experiments;
using KneeSeg.Experiments.Observers;
using KneeSeg.Runs;
using KneeSeg.Torch.Tests.Inference;
using KneeSeg.Training;

namespace KneeSeg.Torch.Tests.Experiments;

/// <summary>A training of two epochs, of which the second is validated, as a user sees it.</summary>
public sealed class ObservedTraining : IDisposable
{
    public ObservedTraining()
    {
        Result = TrainingJob.Run(Folder.Training("run"), Listener);
        Trainer.Run(Folder.Training("run"), SilentProgress.Instance, [new Begin(this)]);
    }

    internal ExperimentFolder Folder { get; } = new();

    internal Listener Listener { get; } = new();

    internal TrainingResult Result { get; }

    /// <summary>What observers get at the start.</summary>
    internal TrainingContext Context { get; private set; } = null!;

    public void Dispose() => Folder.Dispose();

    private sealed class Begin(ObservedTraining owner) : ITrainingObserver
    {
        public void OnBegin(TrainingContext training) => owner.Context = training;
    }
}

/// <summary>What the console, TensorBoard and the folder of snapshots get of a training.</summary>
public sealed class ObserverTests(ObservedTraining training) : IClassFixture<ObservedTraining>
{
    private RunFolder Run => training.Result.Run;

    [Fact]
    public void The_console_has_a_line_for_each_epoch_and_progress_for_each_step()
    {
        Assert.Collection(
            training.Listener.Said.Where(line =>
                line.StartsWith("epoch", StringComparison.Ordinal)
            ),
            line =>
                Assert.Matches(
                    @"^epoch   1/2  step 3  loss \d\.\d{3}  \d+\.\d s  data \d+ %  .* left$",
                    line
                ),
            line =>
                Assert.Matches(
                    @"^epoch   2/2  step 6  loss \d\.\d{3}  \d+\.\d s  Dice \d\.\d{3} \(FC .*, PC .*\)  data \d+ %$",
                    line
                )
        );
        var steps = training.Listener.Reported.Where(one => one.What == "training").ToArray();
        Assert.Equal([1, 2, 3, 4, 5, 6], steps.Select(one => one.Done));
        Assert.Matches(@"^epoch 2/2  loss \d\.\d{3}  data \d+ %$", steps[^1].Detail);
        var validated = Assert.Single(training.Listener.Reported, one => one.What == "validating");
        Assert.Equal((0, 1, "knee-0004"), (validated.Done, validated.Total, validated.Detail));
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(4, "resuming after step 4 of 6, in epoch 2")]
    [InlineData(6, "already trained: 2 epochs are done")]
    public void The_console_says_where_a_run_begins(long step, string? line)
    {
        var listener = new Listener();
        EpochRecord[] log = [.. training.Context.Log.Where(epoch => epoch.Step <= step)];
        new ConsoleObserver(listener).OnBegin(training.Context with { Step = step, Log = log });
        Assert.Equal(line, listener.Said.SingleOrDefault());
    }

    [Fact]
    public void A_resumed_run_shows_the_validation_that_it_already_has()
    {
        var listener = new Listener();
        var console = new ConsoleObserver(listener);
        console.OnBegin(training.Context with { Step = 4 });
        console.OnStep(new TrainingStep(5, 0.25, 0.1));
        Assert.StartsWith("epoch 2/2  loss 0.250  Dice ", Assert.Single(listener.Reported).Detail);
    }

    [Fact]
    public void Each_validation_leaves_a_snapshot_and_a_finished_run_an_animation()
    {
        Assert.False(File.Exists(Run.Snapshot(1)));
        Assert.Equal("PNG"u8, File.ReadAllBytes(Run.Snapshot(2)).AsSpan(1, 3));
        Assert.Equal("GIF"u8, File.ReadAllBytes(Run.Animation).AsSpan(0, 3));
    }

    [Fact]
    public void TensorBoard_gets_losses_by_step_scores_by_epoch_and_the_snapshot()
    {
        var events = File.ReadAllText(
            Assert.Single(Directory.GetFiles(Run.TensorBoard)),
            System.Text.Encoding.Latin1
        );
        int Count(string tag) => events.Split(tag).Length - 1;
        Assert.Equal(
            [6, 2, 2, 1, 1, 1],
            new[]
            {
                "loss/step",
                "loss/epoch",
                "training/learning rate",
                "dice/mean",
                "dice/patellar cartilage",
                "progress",
            }.Select(Count)
        );
        Assert.Contains(
            System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(Run.Snapshot(2))),
            events
        );
    }

    [Fact]
    public void A_finished_run_that_is_repeated_writes_no_events()
    {
        var snapshots = new SnapshotObserver();
        var folder = training.Folder.At("idle");
        using var board = new TensorBoardObserver(snapshots);
        board.OnBegin(training.Context with { Run = RunFolder.At(folder), Step = 6 });
        Assert.False(Directory.Exists(folder));
    }
}
