using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;
using KneeSeg.Runs;

namespace KneeSeg.Cli.Tests;

/// <summary>Runs that are interrupted, damaged, gone on with, replayed, and begun with another's weights.</summary>
public sealed class KeepingTests(Workshop workshop) : IClassFixture<Workshop>
{
    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    [InlineData("HUP", 129)]
    public void A_signal_saves_within_the_epoch(string signal, int exit) =>
        Signal(workshop.At($"signal-{exit}"), signal, exit, "");

    [Fact]
    public void A_batch_job_s_signal_too_and_the_same_command_goes_on()
    {
        var run = workshop.At("batch");
        Signal(run, "TERM", 143, "trap '' HUP INT QUIT TERM");
        Assert.Contains("resuming after step", Kneeseg.Run(workshop.Training(run)).IsDone().Error);
        Assert.Equal(Weights(workshop.Trained), Weights(run));
    }

    private void Signal(string run, string signal, int exit, string shell)
    {
        using var process = Kneeseg.StartAfter(shell, workshop.Training(run));
        Kneeseg.AwaitEpoch(process);
        Process
            .Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)])
            .WaitForExit();
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(exit, process.ExitCode);
        Assert.Contains("progress is saved", said);
    }

    [Fact]
    public void A_signal_before_there_is_anything_to_save_is_no_fault()
    {
        using var demo = Kneeseg.Start("demo", "--out", workshop.At("demo"));
        Assert.StartsWith("1/5", demo.StandardError.ReadLine());
        Process.Start("kill", ["-INT", $"{demo.Id}"]).WaitForExit();
        Assert.DoesNotContain("error", demo.StandardError.ReadToEnd());
        demo.WaitForExit();
        Assert.Equal(130, demo.ExitCode);
    }

    [Fact]
    public void A_training_outlives_its_log()
    {
        using var training = Kneeseg.StartAfter(
            "exec 2>/dev/full",
            [.. workshop.Training(workshop.At("unheard")), "--epochs", "1"]
        );
        training.WaitForExit();
        Assert.Equal(0, training.ExitCode);
    }

    [Fact]
    public void A_damaged_checkpoint_is_noticed_and_the_one_before_it_used()
    {
        var run = workshop.CopyOfRun("damaged");
        Damage(run, "last");
        var said = Kneeseg.Run(workshop.Training(run)).IsDone().Error;
        Assert.Contains("last.safetensors: is not a valid checkpoint", said);
        Assert.Contains("Using the previous checkpoint", said);
        Assert.Contains("resuming after step 8 of 12", said);
        Assert.Equal(Weights(workshop.Trained), Weights(run));

        // The torn one has not become the one before.
        Assert.Equal(
            File.ReadAllBytes(Checkpoint(workshop.Trained, "previous")),
            File.ReadAllBytes(Checkpoint(run, "previous"))
        );
        Damage(run, "last");
        Damage(run, "previous");
        Kneeseg
            .Run(workshop.Training(run))
            .IsProblem(ExitCode.Checkpoint, "previous.safetensors", "not a valid checkpoint");
    }

    [Fact]
    public void A_run_in_use_is_refused_with_whose_it_is()
    {
        var run = workshop.At("used");
        using var held = RunLock.Take(run);
        Kneeseg
            .Run(workshop.Training(run))
            .IsProblem(ExitCode.Resources, $"process {Environment.ProcessId} on");
    }

    [Theory]
    [InlineData(3)]
    [InlineData(12)]
    public void A_replayed_step_has_the_loss_of_the_log(int step)
    {
        var run = workshop.CopyOfRun($"replayed-{step}");
        var before = Weights(run);
        var answer = Kneeseg
            .Run("replay", run, "--step", step.ToString(CultureInfo.InvariantCulture), "--json")
            .IsDone();
        using var json = JsonDocument.Parse(answer.Output);
        var loss = json.RootElement.GetProperty("loss").GetDouble();
        Assert.Equal(loss, json.RootElement.GetProperty("logged").GetDouble());
        Assert.Equal(
            loss,
            RunLog
                .Read(Path.Combine(run, "log.jsonl"))
                .SelectMany(one => one.Losses)
                .ElementAt(step - 1)
        );
        Assert.Equal(
            "\u0089PNG",
            File.ReadAllBytes(json.RootElement.GetProperty("picture").GetString()!)
                .Take(4)
                .Aggregate("", (text, one) => text + (char)one)
        );
        Assert.Equal(before, Weights(run));
    }

    [Fact]
    public void A_step_that_the_run_does_not_have_can_t_be_replayed() =>
        Kneeseg
            .Run("replay", workshop.Trained, "--step", "13")
            .IsProblem(ExitCode.Usage, "are 1 to 12");

    [Fact]
    public void A_run_begins_with_another_s_weights_where_they_fit_and_says_which()
    {
        var run = workshop.At("begun");
        string[] command =
        [
            .. workshop.Training(run, "unet3d+tiny+deep-supervision"),
            "--epochs",
            "1",
            "--init-from",
            workshop.Trained,
        ];
        var said = Kneeseg.Run(command).IsDone().Error;
        // Which validation was the best differs between processors.
        var epochs = RunLog.Read(RunFolder.At(workshop.Trained).LogFile);
        var best = epochs.MaxBy(epoch => epoch.Validation?.Mean)!.Step;
        Assert.Contains($"initialized 92 of 96 weights from unet3d+tiny at step {best} (", said);
        Assert.Contains("fresh: level2.head.conv1.weight", said);
        Assert.Contains("already trained", Kneeseg.Run(command).IsDone().Error);
        Kneeseg
            .Run([
                .. workshop.Training(workshop.At("other"), "vnet+tiny"),
                "--init-from",
                workshop.Trained,
            ])
            .IsProblem(ExitCode.Checkpoint, "no weight that matches");
    }

    [Fact]
    public void Data_that_changed_under_a_run_are_named_with_the_choices()
    {
        var (knees, run) = (workshop.CopyOfKnees("changing"), workshop.At("changed"));
        string[] training = [.. workshop.Training(run, knees: knees), "--epochs", "1"];
        Kneeseg.Run(training).IsDone();
        var before = Weights(run);

        var labels = Path.Combine(knees, "labels", "knee-0002.nii.gz");
        Change(labels, VolumeFile.ReadLabels(labels), voxels => voxels.AsSpan(0, 9).Fill(1));
        Kneeseg
            .Run(training)
            .IsProblem(ExitCode.Checkpoint, "the labels of case knee-0002", "another --run");
        var image = Path.Combine(knees, "images", "knee-0001.nii.gz");
        Change(image, VolumeFile.ReadImage(image), voxels => voxels.AsSpan(0, 9).Fill(900));
        Kneeseg
            .Run(training)
            .IsProblem(
                ExitCode.Checkpoint,
                "the image of case knee-0001; the labels of case knee-0002"
            );
        var manifest = Path.Combine(knees, "dataset.json");
        File.WriteAllText(
            manifest,
            File.ReadAllText(manifest).Replace("\"validation\"", "\"train\"")
        );
        Kneeseg.Run(training).IsProblem(ExitCode.Checkpoint, "moved to train");
        Assert.Equal(before, Weights(run));
    }

    private static void Change<T>(string path, Volume<T> volume, Action<T[]> change)
        where T : unmanaged
    {
        change(volume.Voxels);
        VolumeFile.Write(path, volume);
    }

    private static void Damage(string run, string checkpoint)
    {
        var path = Checkpoint(run, checkpoint);
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    private static byte[] Weights(string run) => File.ReadAllBytes(Checkpoint(run, "last"));

    private static string Checkpoint(string run, string name) =>
        Path.Combine(run, "checkpoints", $"{name}.safetensors");
}
