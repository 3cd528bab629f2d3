using KneeSeg.Data.Phantoms;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Dsl;
using KneeSeg.Runs;
using KneeSeg.Training;
using KneeSeg.Weights;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests.Training;

/// <summary>Whole trainings of a few steps, in this process.</summary>
public sealed class TrainerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg").FullName;

    public TrainerTests() => PhantomSet.Write(At("knees"), 5, new(16, 32, 32));

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Observers_follow_a_training_in_order()
    {
        var watcher = new Watcher();
        var result = Trainer.Run(Request("run"), SilentProgress.Instance, [watcher]);
        Assert.True(result.Finished);
        Assert.Equal(
            [
                "begin 0",
                .. new[] { "step 1", "step 2", "step 3", "epoch 1", "checkpoint 1" },
                .. new[] { "step 4", "step 5", "step 6" },
                .. new[]
                {
                    "case knee-0004",
                    "validation 2",
                    "epoch 2",
                    "checkpoint 2",
                    "end True",
                },
            ],
            watcher.Calls
        );
        Assert.Equal(result.Epochs[^1].Validation, watcher.Validation!.Result);
        Assert.Equal(6, watcher.Losses.Count);
        // What predictions are compared with, and what calibrates the best weights.
        var cartilage = result.Run.Describe().Structures![0];
        Assert.Equal((1, 3), (cartilage.Share, cartilage.Volume.Count));
        Assert.InRange(cartilage.Thickness!.Mean, 1, 4);
        var best = SafetensorsFile.Read(Checkpoint("run", "best")).Metadata["run"];
        Assert.InRange(RunManifest.Read(best, "best").Temperature!.Value, 0.5, 8);
        Assert.All(watcher.Losses, loss => Assert.InRange(loss, 0.01, 10));
    }

    [Fact]
    public void An_interrupted_training_resumes_to_the_same_bytes()
    {
        Trainer.Run(Request("whole"), SilentProgress.Instance, []);

        using var cancel = new CancellationTokenSource();
        var interrupted = new Watcher { AfterStep = step => Cancel(step, cancel) };
        var first = Trainer.Run(
            Request("cut"),
            SilentProgress.Instance,
            [interrupted],
            cancel.Token
        );
        Assert.False(first.Finished);
        Assert.Equal("end False", interrupted.Calls[^1]);

        var resumed = new Watcher();
        Trainer.Run(Request("cut"), SilentProgress.Instance, [resumed]);
        Assert.Equal(["begin 2", "step 3", "epoch 1"], resumed.Calls.Take(3));
        foreach (var checkpoint in new[] { "best", "last" })
            Assert.Equal(
                SafetensorsFile.Read(Checkpoint("whole", checkpoint)).Hash,
                SafetensorsFile.Read(Checkpoint("cut", checkpoint)).Hash
            );
    }

    [Fact]
    public void A_training_that_stops_after_an_epoch_goes_on_by_the_same_schedule()
    {
        Trainer.Run(Request("whole"), SilentProgress.Instance, []);

        var first = Trainer.Run(Request("stopped") with { Until = 1 }, SilentProgress.Instance, []);
        Assert.False(first.Finished);
        Assert.Single(first.Epochs);
        var again = Trainer.Run(Request("stopped") with { Until = 1 }, SilentProgress.Instance, []);
        Assert.Single(again.Epochs);

        Assert.True(Trainer.Run(Request("stopped"), SilentProgress.Instance, []).Finished);
        Assert.Equal(
            SafetensorsFile.Read(Checkpoint("whole", "last")).Hash,
            SafetensorsFile.Read(Checkpoint("stopped", "last")).Hash
        );
    }

    [Fact]
    public void The_losses_of_named_outputs_are_logged_the_same_after_an_interruption()
    {
        TrainingRequest Request(string run)
        {
            var request = ShortTraining.Of(
                "unet3d+tiny+deep-supervision",
                At("knees"),
                At(run),
                "16x32x32"
            );
            return request with
            {
                Recipe = RecipeText.Set(request.Recipe, "outputs=deep 1=ce*0.5"),
            };
        }
        using var cancel = new CancellationTokenSource();
        var interrupted = new Watcher { AfterStep = step => Cancel(step, cancel) };
        Trainer.Run(Request("cut"), SilentProgress.Instance, [interrupted], cancel.Token);
        var resumed = Trainer.Run(Request("cut"), SilentProgress.Instance, []).Epochs;
        var whole = Trainer.Run(Request("whole"), SilentProgress.Instance, []).Epochs;
        Assert.Equal(
            whole.Select(epoch => epoch.OutputLosses!),
            resumed.Select(epoch => epoch.OutputLosses!)
        );
        Assert.Equal(["segmentation", "deep 1", "deep 2"], whole[0].OutputLosses!.Keys);
        foreach (var epoch in RunLog.Read(RunFolder.At(At("whole")).LogFile))
        {
            var losses = epoch.OutputLosses!;
            Assert.Equal(
                (losses["segmentation"] + losses["deep 1"] / 2 + losses["deep 2"] / 2) / 2,
                epoch.Loss,
                1e-5
            );
        }
    }

    [Fact]
    public void A_checkpoint_is_on_disk_when_observers_hear_of_it()
    {
        var watcher = new Watcher();
        watcher.AfterCheckpoint = () =>
            Assert.Equal(
                watcher.Calls.Count(call => call.StartsWith("checkpoint")),
                RunLog.Read(RunFolder.At(At("run")).LogFile).Count
            );
        Trainer.Run(Request("run"), SilentProgress.Instance, [watcher]);
        Assert.True(File.Exists(Checkpoint("run", "last")));
    }

    private static void Cancel(TrainingStep step, CancellationTokenSource cancel)
    {
        if (step.Step == 2)
            cancel.Cancel();
    }

    private string At(string name) => Path.Combine(folder, name);

    private string Checkpoint(string run, string name) =>
        Path.Combine(At(run), "checkpoints", $"{name}.safetensors");

    private TrainingRequest Request(string run) =>
        ShortTraining.Of("unet3d+tiny", At("knees"), At(run), "16x32x32");

    private sealed class Watcher : ITrainingObserver
    {
        public List<string> Calls { get; } = [];

        public List<double> Losses { get; } = [];

        public ValidationEvent? Validation { get; private set; }

        public Action<TrainingStep> AfterStep { get; init; } = _ => { };

        public Action AfterCheckpoint { get; set; } = () => { };

        public void OnBegin(TrainingContext training) => Calls.Add($"begin {training.Step}");

        public void OnStep(TrainingStep step)
        {
            Calls.Add($"step {step.Step}");
            Losses.Add(step.Loss);
            AfterStep(step);
        }

        public void OnCasePredicted(PreprocessedCase validationCase, byte[] labels)
        {
            Assert.Equal(validationCase.Size.Count, labels.Length);
            Calls.Add($"case {validationCase.Id}");
        }

        public void OnValidation(ValidationEvent validation)
        {
            Calls.Add($"validation {validation.Epoch}");
            Validation = validation;
        }

        public void OnEpoch(EpochRecord epoch) => Calls.Add($"epoch {epoch.Epoch}");

        public void OnCheckpoint(EpochRecord epoch)
        {
            Calls.Add($"checkpoint {epoch.Epoch}");
            AfterCheckpoint();
        }

        public void OnEnd(TrainingResult result) => Calls.Add($"end {result.Finished}");
    }
}
