using KneeSeg.Imaging;
using KneeSeg.Inference;
using KneeSeg.Runs;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests.Inference;

public sealed class PredictorTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("PIR", 3, 3, 6)]
    [InlineData("LAS", 3, 3, 6)]
    [InlineData("SRP", 2.1, 5.7, 3.9)]
    public void Labels_are_on_the_images_own_grid_whatever_it_is(
        string codes,
        double x,
        double y,
        double z
    )
    {
        using var predictor = Open(Runs.Write(folder));
        var image = Runs.Image(new(21, 18, 13), new(x, y, z), codes);

        var labels = predictor.Predict(image);

        Assert.Equal(image.Grid, labels.Grid);
        Assert.Contains(labels.Voxels, label => label != labels.Voxels[0]);
    }

    [Fact]
    public void A_turned_image_gets_turned_labels()
    {
        using var predictor = Open(Runs.Write(folder));
        var image = Runs.Image(new(20, 18, 12), new(3, 3, 6), "PIR");
        var order = new AxisOrder(new(2, true), new(0, false), new(1, true));

        var turned = predictor.Predict(order.Apply(image));

        Assert.Equal(order.Apply(predictor.Predict(image)).Voxels, turned.Voxels);
    }

    [Fact]
    public void An_image_smaller_than_the_patch_is_predicted()
    {
        using var predictor = Open(Runs.Write(folder));
        var image = Runs.Image(new(7, 5, 3), new(3, 3, 6), "PIR");

        Assert.Equal(7 * 5 * 3, predictor.Predict(image).Voxels.Length);
    }

    [Fact]
    public void The_windows_that_were_planned_are_those_that_run()
    {
        using var predictor = Open(Runs.Write(folder));
        var image = Runs.Image(new(40, 36, 24), new(3, 3, 6), "LAS");
        var plan = predictor.Plan(image.Grid, new());
        var progress = (Done: 0, All: 0);

        predictor.Predict([image], plan, (done, all) => progress = (done, all));

        var windows = plan.Windows.Sum(one => one.Count);
        Assert.True(windows > 1);
        Assert.Equal((windows, windows), progress);
    }

    [Fact]
    public void A_torn_checkpoint_is_left_for_a_whole_one_and_said_so()
    {
        var run = Runs.Write(folder, checkpoints: [f => f.Best, f => f.Last]);
        Cut(run.Best);
        var heard = new Listener();

        using var predictor = Predictor.Open(folder, Precision.Fp32, CPU, heard);

        Assert.Contains("Using last.safetensors instead", Assert.Single(heard.Said));
    }

    [Fact]
    public void A_run_with_only_a_torn_checkpoint_cannot_predict()
    {
        var run = Runs.Write(folder);
        Cut(run.Best);

        Assert.Equal(ExitCode.Checkpoint, Problem(run).Exit);
    }

    [Fact]
    public void A_run_without_a_checkpoint_asks_to_train_first()
    {
        var problem = Problem(Runs.Write(folder, checkpoints: []));

        Assert.Equal(ExitCode.Checkpoint, problem.Exit);
        Assert.Equal("has no checkpoint yet", problem.What);
    }

    [Fact]
    public void A_checkpoint_of_another_network_is_refused()
    {
        var run = Runs.Write(folder);
        var other = Runs.Write(Path.Combine(folder, "other"), "vnet+tiny");
        File.Copy(other.Best, run.Best, overwrite: true);

        var problem = Problem(run);

        Assert.Equal(ExitCode.Checkpoint, problem.Exit);
        Assert.Contains("vnet", problem.What);
    }

    private static Predictor Open(RunFolder run) =>
        Predictor.Open(run.Root, Precision.Fp32, CPU, SilentProgress.Instance);

    private static ProblemException Problem(RunFolder run) =>
        Assert.Throws<ProblemException>(() => Open(run));

    private static void Cut(string path) =>
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^100]);
}
