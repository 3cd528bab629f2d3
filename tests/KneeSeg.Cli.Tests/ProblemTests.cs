using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;

namespace KneeSeg.Cli.Tests;

/// <summary>Bad input: one clear block, its exit code, and nothing half-written.</summary>
public sealed class ProblemTests(Workshop workshop) : IClassFixture<Workshop>
{
    [Theory]
    [InlineData("unett", "unet")]
    [InlineData("vnet+smal", "small")]
    public void An_unknown_name_suggests_the_nearest(string spec, string nearest) =>
        Kneeseg.Run("describe", spec).IsProblem(ExitCode.Usage, nearest);

    [Fact]
    public void A_spec_that_cannot_be_built_is_named_by_place()
    {
        var spec = workshop.At("bad.fsx");
        File.WriteAllText(spec, "network3d \"bad\" [ residual (conv 3 8); conv 3 5 ]");
        Kneeseg.Run("describe", spec).IsProblem(ExitCode.Spec, "classify");
    }

    [Fact]
    public void A_patch_that_is_no_multiple_names_axis_and_repair()
    {
        var run = workshop.At("odd");
        Kneeseg
            .Run(
                "train",
                "unet3d+tiny",
                "--data",
                workshop.Knees,
                "--run",
                run,
                "--patch",
                "16x30x32"
            )
            .IsProblem(ExitCode.Spec, "30", "multiple of 8");
        Assert.False(Directory.Exists(run));
    }

    [Fact]
    public void A_truncated_volume_stops_training_with_its_name()
    {
        var knees = workshop.CopyOfKnees("truncated");
        var image = Path.Combine(knees, "images", "knee-0001.nii.gz");
        File.WriteAllBytes(image, File.ReadAllBytes(image)[..^500]);
        Kneeseg.Run("info", image).IsProblem(ExitCode.Data, "knee-0001");
        Kneeseg
            .Run(workshop.Training(workshop.At("r1"), knees: knees))
            .IsProblem(ExitCode.Data, "knee-0001");
    }

    [Fact]
    public void Labels_of_another_shape_stop_training_and_fail_the_check()
    {
        var knees = workshop.CopyOfKnees("shape");
        var grid = Grid.Centered(new Size3(32, 32, 15), new Spacing3(4, 4, 7), "IPR");
        VolumeFile.Write(
            Path.Combine(knees, "labels", "knee-0002.nii.gz"),
            new Volume<byte>(grid, new byte[grid.Size.Count])
        );
        Kneeseg
            .Run(workshop.Training(workshop.At("r2"), knees: knees))
            .IsProblem(ExitCode.Data, "knee-0002");
        var check = Kneeseg.Run("validate", knees);
        Assert.Equal((int)ExitCode.Data, check.Exit);
        Assert.Contains("knee-0002", check.Output);
    }

    [Fact]
    public void A_finding_on_the_whole_data_set_names_no_case()
    {
        var knees = workshop.CopyOfKnees("untested");
        var manifest = Path.Combine(knees, "dataset.json");
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("\"test\"", "\"train\""));
        var check = Kneeseg.Run("validate", knees).IsDone();
        Assert.StartsWith("warning: no case has the split test", check.Output);
    }

    [Fact]
    public void An_unknown_label_stops_training_and_evaluation()
    {
        var knees = workshop.CopyOfKnees("label");
        var path = Path.Combine(knees, "labels", "knee-0003.nii.gz");
        var labels = VolumeFile.ReadLabels(path);
        labels.Voxels[77] = 9;
        VolumeFile.Write(path, labels);
        Kneeseg
            .Run(workshop.Training(workshop.At("r3"), knees: knees))
            .IsProblem(ExitCode.Data, "9");
        Kneeseg.Run("evaluate", path, path).IsProblem(ExitCode.Data, "9");
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Kneeseg
            .Run("info", workshop.At("nowhere.nii.gz"))
            .IsProblem(ExitCode.Data, "nowhere.nii.gz");

    [Fact]
    public void A_folder_that_cannot_be_written_is_a_matter_of_resources() =>
        Kneeseg.Run(workshop.Training("/proc/run")).IsProblem(ExitCode.Resources, "/proc/run");

    [Fact]
    public void A_torn_checkpoint_with_none_before_it_is_refused()
    {
        var run = workshop.CopyOfRun("torn");
        foreach (var file in Directory.EnumerateFiles(Path.Combine(run, "checkpoints")))
            File.WriteAllBytes(file, File.ReadAllBytes(file)[..^100]);
        Kneeseg
            .Run("predict", run, workshop.Knees, "--out", workshop.At("p1"))
            .IsProblem(ExitCode.Checkpoint);
        Assert.False(Directory.Exists(workshop.At("p1")));
    }

    [Fact]
    public void A_torn_newest_checkpoint_gives_way_to_the_one_before()
    {
        var run = workshop.CopyOfRun("half");
        File.Delete(Path.Combine(run, "checkpoints", "best.safetensors"));
        File.WriteAllBytes(Path.Combine(run, "checkpoints", "last.safetensors"), [1, 2, 3]);
        var answer = Kneeseg
            .Run("predict", run, workshop.Knees, "--out", workshop.At("p2"))
            .IsDone();
        Assert.Contains("previous", answer.Error);
    }

    [Fact]
    public void A_checkpoint_of_another_network_is_refused()
    {
        var (run, other) = (workshop.CopyOfRun("mixed"), workshop.At("no-skips"));
        Kneeseg
            .Run([.. workshop.Training(other, "unet3d+tiny+no-skips"), "--epochs", "1"])
            .IsDone();
        Directory.Delete(Path.Combine(run, "checkpoints"), recursive: true);
        Directory.Move(Path.Combine(other, "checkpoints"), Path.Combine(run, "checkpoints"));
        Kneeseg
            .Run("predict", run, workshop.Knees, "--out", workshop.At("p3"))
            .IsProblem(ExitCode.Checkpoint, "no-skips");
    }

    [Fact]
    public void A_run_folder_of_another_network_is_not_gone_on_with() =>
        Kneeseg
            .Run(workshop.Training(workshop.CopyOfRun("another"), "unet3d+tiny+no-skips"))
            .IsProblem(ExitCode.Checkpoint, "unet3d+tiny");

    [Fact]
    public void Cuda_without_its_packages_says_what_to_do() =>
        Kneeseg
            .Run([.. workshop.Training(workshop.At("r4")), "--device", "cuda"])
            .IsProblem(ExitCode.Resources, "KNEESEG_CUDA=1");
}
