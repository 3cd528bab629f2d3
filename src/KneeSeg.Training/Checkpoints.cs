using System.Globalization;
using KneeSeg.Runs;
using KneeSeg.Torch.Checkpoints;
using KneeSeg.Weights;

namespace KneeSeg.Training;

/// <summary>A run's checkpoints: the newest, the one before it, and the best on validation.</summary>
internal sealed class Checkpoints(RunFolder run, RunManifest description)
{
    private bool isLastIntact = true;

    /// <summary>Saves the newest; the previous one is kept unless it is corrupt.</summary>
    public void SaveLast(Learner learner, TrainingState state)
    {
        Checkpoint.Save(
            run.Last,
            isLastIntact ? run.Previous : null,
            learner.PredictingWeights(),
            learner.TrainingState(),
            state.Metadata(description)
        );
        isLastIntact = true;
    }

    /// <summary>Saves the network's current weights as the best, with the temperature that calibrates them.</summary>
    public void SaveBest(Learner learner, TrainingState state, double? temperature) =>
        Checkpoint.Save(
            run.Best,
            null,
            learner.Network,
            [],
            state.Metadata(description with { Temperature = temperature })
        );

    /// <summary>Restores the newest intact checkpoint; starts from scratch if there is none.</summary>
    /// <param name="learner">Receives weights and optimizer state.</param>
    /// <param name="progress">Receives a warning if one is corrupt.</param>
    /// <param name="latest">Checkpoints of later steps are skipped.</param>
    /// <exception cref="ProblemException">There are checkpoints, but none is intact (exit 5).</exception>
    public TrainingState Resume(
        Learner learner,
        IProgressSink progress,
        long latest = long.MaxValue
    )
    {
        string[] found = [.. new[] { run.Last, run.Previous }.Where(File.Exists)];
        for (var i = 0; i < found.Length; i++)
        {
            try
            {
                var file = SafetensorsFile.Read(found[i]);
                var state = TrainingState.Of(file, found[i]);
                if (state.Step > latest)
                    continue;
                learner.Restore(file, found[i]);
                return state;
            }
            catch (ProblemException e) when (i + 1 < found.Length)
            {
                isLastIntact = false;
                progress.Say($"{e.Message} Using the previous checkpoint.");
            }
        }
        if (File.Exists(run.First))
            _ = learner.LoadMatching(SafetensorsFile.Read(run.First));
        return TrainingState.Start;
    }
}

/// <summary>A run's progress: the metadata of a checkpoint.</summary>
/// <param name="Step">Optimizer steps done.</param>
/// <param name="Losses">Losses of the current epoch's steps.</param>
/// <param name="OutputSums">Sums of each output's losses over these steps; empty without named outputs.</param>
/// <param name="Best">The best validation Dice so far; below 0 before the first.</param>
internal sealed record TrainingState(
    long Step,
    IReadOnlyList<double> Losses,
    IReadOnlyList<double> OutputSums,
    double Best
)
{
    public static TrainingState Start { get; } = new(0, [], [], -1);

    /// <summary>The state after one more step.</summary>
    public TrainingState After(StepLoss loss) =>
        this with
        {
            Step = Step + 1,
            Losses = [.. Losses, loss.Total],
            OutputSums =
            [
                .. loss.Outputs.Select((one, i) => OutputSums.ElementAtOrDefault(i) + one),
            ],
        };

    /// <summary>The state at the beginning of an epoch.</summary>
    public TrainingState WithoutLosses() => this with { Losses = [], OutputSums = [] };

    /// <summary>As checkpoint metadata, with the run's manifest.</summary>
    public Dictionary<string, string> Metadata(RunManifest run)
    {
        Dictionary<string, string> metadata = new()
        {
            ["run"] = run.Write(),
            ["step"] = Step.ToString(CultureInfo.InvariantCulture),
            ["losses"] = string.Join(' ', Losses.Select(Text)),
            ["best"] = Text(Best),
        };
        if (OutputSums.Count > 0)
            metadata["outputs"] = string.Join(' ', OutputSums.Select(Text));
        return metadata;
    }

    /// <summary>Reads what <see cref="Metadata"/> wrote.</summary>
    /// <exception cref="ProblemException">An entry is missing or invalid (exit 5).</exception>
    public static TrainingState Of(SafetensorsFile file, string where)
    {
        string Entry(string key) =>
            file.Metadata.GetValueOrDefault(key) ?? throw Missing(where, key);
        double Number(string key, string text) =>
            double.TryParse(text, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw Missing(where, key);
        double[] Numbers(string key, string text) =>
            [
                .. text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Select(number => Number(key, number)),
            ];
        return new(
            (long)Number("step", Entry("step")),
            Numbers("losses", Entry("losses")),
            Numbers("outputs", file.Metadata.GetValueOrDefault("outputs") ?? ""),
            Number("best", Entry("best"))
        );
    }

    private static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    private static ProblemException Missing(string where, string key) =>
        new(
            ExitCode.Checkpoint,
            where,
            $"has no valid {key} in its metadata",
            "Use a checkpoint written by training"
        );
}
