using System.Diagnostics;
using System.Globalization;
using KneeSeg.Runs;

namespace KneeSeg.Training;

/// <summary>What is said of a run while it goes on: a bar that changes with each step, a line that stays for each epoch.</summary>
internal sealed class ProgressLine(
    Recipe recipe,
    IReadOnlyList<string> labels,
    IProgressSink progress
)
{
    private readonly Stopwatch clock = new();
    private long begun;

    private long Total => (long)recipe.Epochs * recipe.StepsPerEpoch;

    /// <summary>Says where the run begins or goes on.</summary>
    public void Begin(long step)
    {
        begun = step;
        clock.Start();
        if (step == Total)
            progress.Say($"already trained: {recipe.Epochs} epochs are done");
        else if (step > 0)
            progress.Say(
                $"going on after step {step} of {Total}, in epoch {step / recipe.StepsPerEpoch + 1}"
            );
    }

    /// <summary>Shows a step.</summary>
    /// <param name="state">After it.</param>
    /// <param name="log">The epochs before.</param>
    /// <param name="waiting">The share of the epoch's time spent waiting for patches.</param>
    public void Report(RunState state, IReadOnlyList<EpochRecord> log, double waiting)
    {
        var epoch = (state.Step - 1) / recipe.StepsPerEpoch + 1;
        var known = log.LastOrDefault(one => one.Validation is not null)?.Validation;
        progress.Report(
            new(
                "training",
                state.Step,
                Total,
                Text($"epoch {epoch}/{recipe.Epochs}  loss {state.Losses.Average():0.000}")
                    + (known is null ? "" : $"  {Dice(known)}")
                    + Text($"  data {waiting:0 %}")
            )
        );
    }

    /// <summary>Says what an epoch has brought, and how long the run will still take.</summary>
    public void Say(EpochRecord epoch)
    {
        var left = clock.Elapsed * ((Total - epoch.Step) / (double)Math.Max(1, epoch.Step - begun));
        progress.Say(
            Text(
                $"epoch {epoch.Epoch, 3}/{recipe.Epochs}  step {epoch.Step}  loss {epoch.Loss:0.000}  {epoch.Seconds:0.0} s"
            )
                + (epoch.Validation is { } validation ? $"  {Dice(validation)}" : "")
                + Text($"  data {epoch.DataShare:0 %}")
                + (epoch.Step == Total ? "" : $"  {Duration(left)} left")
        );
    }

    private string Dice(ValidationRecord validation)
    {
        var each = labels
            .Skip(1)
            .Zip(validation.Dice)
            .Select(pair =>
                $"{Initials(pair.First)} {(pair.Second is { } dice ? Text($"{dice:0.00}") : "–")}"
            );
        return Text($"Dice {validation.Mean:0.000} ({string.Join(", ", each)})");
    }

    // "medial tibial cartilage" is MTC, as the literature has it.
    private static string Initials(string label) =>
        string.Concat(
            label
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(word => char.ToUpperInvariant(word[0]))
        );

    private static string Duration(TimeSpan time) =>
        time.TotalHours >= 1 ? Text($"{(int)time.TotalHours} h {time.Minutes} min")
        : time.TotalMinutes >= 1 ? Text($"{(int)time.TotalMinutes} min {time.Seconds} s")
        : Text($"{time.Seconds} s");

    private static string Text(FormattableString text) =>
        text.ToString(CultureInfo.InvariantCulture);
}
