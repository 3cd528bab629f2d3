using System.Globalization;
using System.Text.Json;
using KneeSeg.Runs;

namespace KneeSeg.Cli.Tests;

/// <summary>Training in the memory that there is.</summary>
public sealed class MemoryTests(Workshop workshop) : IClassFixture<Workshop>
{
    [Fact]
    public void A_step_that_memory_does_not_hold_computes_maps_twice_to_the_same_loss()
    {
        var (kept, twice) = Peaks;
        var answer = Train("twice", (kept + twice) / 2).IsDone();
        Assert.Contains("activation checkpointing", answer.Error);
        Train("once", 2 * kept).IsDone();
        var (first, other) = (Losses("once"), Losses("twice"));
        Assert.Equal(first[0], other[0]);
        Assert.All(first.Zip(other), pair => Assert.Equal(pair.First, pair.Second, 0.01));

        // The run goes on so when there is memory again.
        File.Delete(Path.Combine(workshop.At("twice"), "checkpoints", "last.safetensors"));
        Assert.Contains("activation checkpointing", Train("twice", 2 * kept).IsDone().Error);
    }

    [Fact]
    public void A_step_that_no_computing_twice_fits_is_refused() =>
        Train("refused", Peaks.Twice / 2)
            .IsProblem(ExitCode.Resources, "at least", "are allowed", "--precision bf16");

    private Answer Train(string run, long memory) =>
        Kneeseg.Run([
            .. workshop.Training(workshop.At(run)),
            "--epochs",
            "2",
            "--precision",
            "fp32",
            "--memory",
            string.Create(CultureInfo.InvariantCulture, $"{memory / 1e6}M"),
        ]);

    private double[] Losses(string run) =>
        [.. RunLog.Read(RunFolder.At(workshop.At(run)).LogFile).SelectMany(epoch => epoch.Losses)];

    private static (long Kept, long Twice) Peaks { get; } = Described();

    private static (long Kept, long Twice) Described()
    {
        using var json = JsonDocument.Parse(
            Kneeseg.Run("describe", "unet3d+tiny", "--size", "16x32x32", "--json").IsDone().Output
        );
        var peaks = json.RootElement.GetProperty("peakBytes");
        return (
            peaks.GetProperty("train").GetInt64(),
            peaks.GetProperty("trainRecomputing").GetInt64()
        );
    }
}
