using KneeSeg.Dsl;
using KneeSeg.Imaging;
using KneeSeg.Rendering;
using KneeSeg.Reports;
using KneeSeg.Runs;
using SkiaSharp;

namespace KneeSeg.Tests.Reports;

public sealed class ProgressAnimationTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg").FullName;
    private readonly RunFolder run;

    public ProgressAnimationTests()
    {
        run = RunFolder.At(folder);
        var graph = Networks.Load("tiny-vnet", 1, Samples.Labels.Length);
        AtomicFile.WriteText(
            run.RunFile,
            RunReportTests.Description("tiny-vnet", graph, new(8, 8, 8)).Write()
        );
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Every_validation_of_the_log_is_a_frame()
    {
        // Epoch 6 was drawn before a kill, and no line of the log knows it.
        Log(5, epoch => epoch % 2 == 0 || epoch == 5);
        foreach (var epoch in new[] { 2, 4, 5, 6 })
            Keep(epoch, Still($"epoch {epoch}"));

        ProgressAnimation.Write(run);

        var gif = File.ReadAllBytes(run.Animation);
        using var codec = SKCodec.Create(new SKMemoryStream(gif));
        Assert.Equal(3, codec.FrameCount);
        using var first = SKBitmap.Decode(gif);
        var palette = Palette.Of(Samples.Labels.Length);
        Assert.Equal(
            palette.Index(Still("epoch 2")).Select(i => palette.Colors[i]),
            first.Pixels.Select(pixel => new Rgb(pixel.Red, pixel.Green, pixel.Blue))
        );
        ProgressAnimation.Write(run);
        Assert.Equal(gif, File.ReadAllBytes(run.Animation));
    }

    [Fact]
    public void Of_many_validations_a_hundred_are_shown()
    {
        Log(230, _ => true);
        var still = Raster.Plain(8, 8, Palette.Ground);
        for (var epoch = 1; epoch <= 230; epoch++)
            Keep(epoch, still);

        ProgressAnimation.Write(run);

        using var codec = SKCodec.Create(new SKMemoryStream(File.ReadAllBytes(run.Animation)));
        Assert.Equal(100, codec.FrameCount);
    }

    [Fact]
    public void A_run_that_was_never_validated_has_none()
    {
        Log(3, _ => false);

        ProgressAnimation.Write(run);

        Assert.False(File.Exists(run.Animation));
    }

    [Fact]
    public void A_still_that_is_no_picture_is_named()
    {
        Log(1, _ => true);
        AtomicFile.WriteText(run.Snapshot(1), "no picture");

        var problem = Assert.Throws<ProblemException>(() => ProgressAnimation.Write(run));

        Assert.Equal((ExitCode.Data, run.Snapshot(1)), (problem.Exit, problem.Where));
    }

    private void Log(int epochs, Func<int, bool> isValidated) =>
        RunLog.Write(
            run.LogFile,
            Enumerable
                .Range(1, epochs)
                .Select(i => new EpochRecord(
                    i,
                    i,
                    1,
                    1e-3,
                    1,
                    isValidated(i) ? new ValidationRecord([0.5], 0.5) : null
                ))
        );

    private void Keep(int epoch, Raster still) =>
        AtomicFile.Write(
            run.Snapshot(epoch),
            stream => stream.Write(Png.Encode(still, Palette.Of(Samples.Labels.Length)))
        );

    private static Raster Still(string caption)
    {
        var gray = new Slice<byte>(8, 6, 1, 1, [.. Enumerable.Range(0, 48).Select(_ => (byte)0)]);
        var labels = gray with { Pixels = [.. Enumerable.Range(0, 48).Select(i => (byte)(i % 3))] };
        return ValidationSnapshot.Draw(caption, [new("training knee-1", gray, labels, gray)]);
    }
}
