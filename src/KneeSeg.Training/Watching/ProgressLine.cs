using System.Diagnostics;
using KneeSeg.Runs;
using static System.FormattableString;

namespace KneeSeg.Training;

/// <summary>Prints a run's progress: a bar per step, a line per epoch.</summary>
internal sealed class ProgressLine(
    Recipe recipe,
    IReadOnlyList<string> labels,
    IProgressSink progress
)
{
    private readonly Stopwatch clock = new();
    private long begun;

    /// <summary>Prints where the run starts or resumes.</summary>
    public void Begin(long step)
    {
        begun = step;
        clock.Start();
        if (step == recipe.Steps)
            progress.Say($"already trained: all {recipe.Epochs} epochs are done");
        else if (step > 0)
            progress.Say(
                $"resuming after step {step} of {recipe.Steps}, in epoch {step / recipe.StepsPerEpoch + 1}"
            );
    }

    /// <summary>Shows a step.</summary>
    /// <param name="state">After it.</param>
    /// <param name="log">The epochs before.</param>
    /// <param name="waiting">The fraction of the epoch's time spent waiting for patches.</param>
    public void Report(TrainingState state, IReadOnlyList<EpochRecord> log, double waiting)
    {
        var epoch = (state.Step - 1) / recipe.StepsPerEpoch + 1;
        var known = log.LastOrDefault(one => one.Validation is not null)?.Validation;
        progress.Report(
            new(
                "training",
                state.Step,
                recipe.Steps,
                Invariant($"epoch {epoch}/{recipe.Epochs}  loss {state.Losses.Average():0.000}")
                    + (known is null ? "" : $"  {Dice(known)}")
                    + Invariant($"  data {waiting:0 %}")
            )
        );
    }

    /// <summary>Prints an epoch's result and the estimated time left.</summary>
    public void ReportEpoch(EpochRecord epoch)
    {
        var left =
            clock.Elapsed * ((recipe.Steps - epoch.Step) / (double)Math.Max(1, epoch.Step - begun));
        progress.Say(
            Invariant(
                $"epoch {epoch.Epoch, 3}/{recipe.Epochs}  step {epoch.Step}  loss {epoch.Loss:0.000}  {epoch.Seconds:0.0} s"
            )
                + (epoch.Validation is { } validation ? $"  {Dice(validation)}" : "")
                + Invariant($"  data {epoch.DataShare:0 %}")
                + (epoch.Step == recipe.Steps ? "" : $"  {Duration(left)} left")
        );
    }

    private string Dice(ValidationRecord validation)
    {
        var each = labels
            .Skip(1)
            .Zip(validation.Dice)
            .Select(pair =>
                $"{Initials(pair.First)} {(pair.Second is { } dice ? Invariant($"{dice:0.00}") : "–")}"
            );
        return Invariant($"Dice {validation.Mean:0.000} ({string.Join(", ", each)})");
    }

    // "medial tibial cartilage" is MTC, as in the literature.
    private static string Initials(string label) =>
        string.Concat(
            label
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(word => char.ToUpperInvariant(word[0]))
        );

    private static string Duration(TimeSpan time) =>
        time.TotalHours >= 1 ? Invariant($"{(int)time.TotalHours} h {time.Minutes} min")
        : time.TotalMinutes >= 1 ? Invariant($"{(int)time.TotalMinutes} min {time.Seconds} s")
        : Invariant($"{time.Seconds} s");
}
