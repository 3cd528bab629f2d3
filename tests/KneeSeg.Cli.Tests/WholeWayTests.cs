using System.Text.Json;
using KneeSeg.Cli.Tests.Docs;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;

namespace KneeSeg.Cli.Tests;

/// <summary>Declare, train, predict, evaluate, look: each by its own command, as the README has it.</summary>
public sealed class WholeWayTests(Workshop workshop) : IClassFixture<Workshop>
{
    [Fact]
    public void A_network_of_ones_own_goes_the_whole_way_on_iwoai_files()
    {
        var (knees, run, labels) = (
            workshop.At("iwoai"),
            workshop.At("own"),
            workshop.At("labels")
        );
        var spec = workshop.At("own.fsx");
        File.WriteAllText(
            spec,
            """
            let level width =
                { Encode = conv 3 width; Down = maxPool 2; Skip = concat; Up = deconv 2 width; Decode = conv 3 width }
            network3d "own" [ encoderDecoder [ level 4 ] (conv 3 8); classify ]
            """
        );
        Kneeseg
            .Run("phantom", knees, "--count", "5", "--size", "16x32x32", "--format", "iwoai")
            .IsDone();
        Kneeseg.Run(workshop.Training(run, spec, knees)).IsDone();
        Kneeseg.Run("predict", run, knees, "--out", labels).IsDone();
        var answer = Kneeseg.Run("evaluate", labels, knees, "--out", run, "--json").IsDone();
        using var numbers = JsonDocument.Parse(answer.Output);
        Assert.Equal(6, numbers.RootElement.GetProperty("labels").GetArrayLength());
        Assert.Equal(
            "knee-0005",
            numbers.RootElement.GetProperty("cases")[0].GetProperty("id").GetString()
        );
        Kneeseg.Run("report", run).IsDone();
        var page = File.ReadAllText(Path.Combine(run, "report.html"));
        Assert.Contains("knee-0005", page);
        Assert.Contains("data:image/png;base64,", page);
        Assert.True(File.Exists(Path.Combine(run, "report-knee-0005-voxels.png")));
        // Its training, from validation to validation, and a flight through the slices.
        Assert.Equal(2, page.Split("data:image/gif;base64,").Length - 1);
        var animation = File.ReadAllBytes(Path.Combine(run, "progress.gif"));
        File.Delete(Path.Combine(run, "progress.gif"));
        Kneeseg.Run("report", run).IsDone();
        Assert.Equal(animation, File.ReadAllBytes(Path.Combine(run, "progress.gif")));
        Assert.Equal(page, File.ReadAllText(Path.Combine(run, "report.html")));
        Assert.DoesNotContain("src=\"http", page);
    }

    [Fact]
    public void Two_contrasts_train_a_network_of_two_encoders_and_are_predicted_by_name()
    {
        var (knees, run) = (workshop.At("echoes"), workshop.At("siamese"));
        string[] phantom = ["phantom", knees, "--count", "3", "--size", "16x32x32"];
        Kneeseg.Run([.. phantom, "--channels", "dess,t2"]).IsDone();
        var spec = Repository.At("examples/two-echoes.fsx") + "#siamese+tiny";
        Kneeseg.Run([.. workshop.Training(run, spec, knees), "--epochs", "1"]).IsDone();
        string Image(string name) => Path.Combine(knees, "images", $"knee-0003-{name}.nii.gz");
        Kneeseg.Run("predict", run, knees, "--out", workshop.At("by-set")).IsDone();
        var named = $"t2={Image("t2")},dess={Image("dess")}";
        Kneeseg.Run("predict", run, named, "--out", workshop.At("by-name")).IsDone();
        Assert.Equal(
            File.ReadAllBytes(workshop.At("by-set/knee-0003.nii.gz")),
            File.ReadAllBytes(workshop.At("by-name/knee-0003-t2.nii.gz"))
        );
        Kneeseg
            .Run("predict", run, Image("dess"), "--out", workshop.At("none"))
            .IsProblem(ExitCode.Checkpoint, "dess=FILE,t2=FILE");
    }

    [Fact]
    public void A_prediction_lies_on_the_grid_of_its_image_whatever_that_is()
    {
        // Left-posterior-superior, other spacing, odd sizes.
        var grid = Grid.Centered(new Size3(21, 35, 18), new Spacing3(3.1, 4.5, 5.25), "LPS");
        var image = workshop.At("other.nii.gz");
        float[] ramp = [.. Enumerable.Range(0, (int)grid.Size.Count)];
        VolumeFile.Write(image, new Volume<float>(grid, ramp));
        Kneeseg.Run("predict", workshop.Trained, image, "--out", workshop.At("others")).IsDone();
        var labels = VolumeFile.ReadLabels(Path.Combine(workshop.At("others"), "other.nii.gz"));
        Assert.Equal(grid.Size, labels.Grid.Size);
        Assert.Null(VolumeFile.ReadImage(image).Grid.Difference(labels.Grid));
    }

    [Fact]
    public void A_killed_run_goes_on_and_ends_with_the_same_weights()
    {
        var run = workshop.At("killed");
        using (var process = Kneeseg.Start(workshop.Training(run)))
        {
            // The first epoch's line says that its checkpoint is written; what follows is cut anywhere.
            Kneeseg.AwaitEpoch(process);
            process.Kill();
            process.WaitForExit();
        }
        Kneeseg.Run(workshop.Training(run)).IsDone();
        Assert.Equal(Weights(workshop.Trained), Weights(run));
        // Validated after the second epoch and the last.
        foreach (
            var picture in new[]
            {
                "progress/epoch-0002.png",
                "progress/epoch-0003.png",
                "progress.gif",
            }
        )
            Assert.Equal(
                File.ReadAllBytes(Path.Combine(workshop.Trained, picture)),
                File.ReadAllBytes(Path.Combine(run, picture))
            );
        Assert.Equal(2, Directory.GetFiles(Path.Combine(run, "progress")).Length);
    }

    [Fact]
    public void A_finished_run_is_not_trained_again()
    {
        var run = workshop.CopyOfRun("finished");
        Assert.Contains("already trained", Kneeseg.Run(workshop.Training(run)).IsDone().Error);
        Assert.Equal(Weights(workshop.Trained), Weights(run));
    }

    [Fact]
    public void Describe_prints_every_promised_field()
    {
        var answer = Kneeseg
            .Run("describe", "vnet+relative", "--size", "64x64x64", "--json")
            .IsDone();
        using var json = JsonDocument.Parse(answer.Output);
        Assert.Equal(
            [
                "name",
                "rank",
                "channels",
                "classes",
                "hash",
                "parameters",
                "macs",
                "multiple",
                "receptiveField",
                "peakBytes",
                "inputs",
                "outputs",
                "nodes",
            ],
            json.RootElement.EnumerateObject().Select(field => field.Name)
        );
    }

    [Fact]
    public void A_step_that_no_memory_holds_is_refused_before_it_is_tried()
    {
        string[] huge = ["--set", "batchSize=1024", "--set", "patch=256x256x256"];
        Kneeseg
            .Run([.. workshop.Training(workshop.At("huge")), .. huge])
            .IsProblem(
                ExitCode.Resources,
                "a training step needs at least about",
                "--set accumulationSteps=1024"
            );
    }

    [Fact]
    public void Describe_tells_memory_for_a_batch_and_a_precision()
    {
        static long Peak(params string[] words)
        {
            string[] all = ["describe", "unet3d+tiny", "--size", "64x64x64", "--json", .. words];
            using var json = JsonDocument.Parse(Kneeseg.Run(all).IsDone().Output);
            return json.RootElement.GetProperty("peakBytes").GetProperty("train").GetInt64();
        }
        Assert.True(Peak("--batch", "4") > 3 * Peak());
        Assert.True(Peak("--precision", "bf16") < Peak());
    }

    private static byte[] Weights(string run) =>
        File.ReadAllBytes(Path.Combine(run, "checkpoints", "last.safetensors"));
}
