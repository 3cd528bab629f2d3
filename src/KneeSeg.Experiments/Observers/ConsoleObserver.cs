using System.Diagnostics;
using KneeSeg.Runs;
using KneeSeg.Training;
using static System.FormattableString;

namespace KneeSeg.Experiments.Observers;

/// <summary>A training on the console: a bar that changes with each step, and a line for each epoch.</summary>
internal sealed class ConsoleObserver(IProgressSink progress) : ITrainingObserver
{
    private readonly Stopwatch clock = new();
    private TrainingContext training = null!;
    private ValidationRecord? latest;

    private Recipe Recipe => training.Manifest.Recipe;

    public void OnBegin(TrainingContext context)
    {
        training = context;
        latest = context.Log.LastOrDefault(one => one.Validation is not null)?.Validation;
        clock.Start();
        if (context.IsFinished)
            progress.Say($"already trained: {Recipe.Epochs} epochs are done");
        else if (context.Step > 0)
            progress.Say(
                $"resuming after step {context.Step} of {Recipe.Steps}, in epoch {context.Log.Count + 1}"
            );
    }

    public void OnStep(TrainingStep step)
    {
        var epoch = (step.Step - 1) / Recipe.StepsPerEpoch + 1;
        progress.Report(
            new(
                "training",
                step.Step,
                Recipe.Steps,
                Invariant($"epoch {epoch}/{Recipe.Epochs}  loss {step.Loss:0.000}")
                    + (latest is null ? "" : $"  {Dice(latest)}")
                    + Invariant($"  data {step.DataShare:0 %}")
            )
        );
    }

    public void OnValidation(ValidationEvent validation) => latest = validation.Result;

    public void OnCheckpoint(EpochRecord epoch)
    {
        var done = Math.Max(1, epoch.Step - training.Step);
        var left = clock.Elapsed * ((Recipe.Steps - epoch.Step) / (double)done);
        progress.Say(
            Invariant(
                $"epoch {epoch.Epoch, 3}/{Recipe.Epochs}  step {epoch.Step}  loss {epoch.Loss:0.000}"
            )
                + (epoch.OutputLosses is { } outputs ? $" ({Losses(outputs)})" : "")
                + Invariant($"  {epoch.Seconds:0.0} s")
                + (epoch.Validation is { } validation ? $"  {Dice(validation)}" : "")
                + Invariant($"  data {epoch.DataShare:0 %}")
                + (epoch.Step == Recipe.Steps ? "" : $"  {Duration(left)} left")
        );
        if (epoch.BestValidation is { } whole)
            progress.Say(
                $"the best weights on all of {training.Data.Validation.Count} validation cases: {Dice(whole)}"
            );
    }

    private static string Losses(IReadOnlyDictionary<string, double> outputs) =>
        string.Join(", ", outputs.Select(one => Invariant($"{one.Key} {one.Value:0.000}")));

    private string Dice(ValidationRecord validation)
    {
        var each = training
            .Manifest.Labels.Skip(1)
            .Zip(validation.Dice)
            .Select(pair =>
                $"{Initials(pair.First)} {(pair.Second is { } dice ? Invariant($"{dice:0.00}") : "–")}"
            );
        var about = validation.Windows is null ? "" : "about ";
        return Invariant($"Dice {about}{validation.Mean:0.000} ({string.Join(", ", each)})");
    }

    // "medial tibial cartilage" is MTC, as the literature has it.
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
