using System.Globalization;
using KneeSeg.Runs;
using KneeSeg.Torch;

namespace KneeSeg.Training;

/// <summary>How far a run is: what a checkpoint says beside its tensors.</summary>
/// <param name="Step">Optimizer steps done.</param>
/// <param name="Losses">Of the steps of the epoch that is under way.</param>
/// <param name="Best">The best validation Dice so far; below 0 before the first.</param>
internal sealed record TrainingState(long Step, IReadOnlyList<double> Losses, double Best)
{
    public static TrainingState Start { get; } = new(0, [], -1);

    /// <summary>One step further.</summary>
    public TrainingState After(double loss) =>
        this with
        {
            Step = Step + 1,
            Losses = [.. Losses, loss],
        };

    /// <summary>As a checkpoint's texts, with the run's description.</summary>
    public Dictionary<string, string> Metadata(RunManifest run) =>
        new()
        {
            ["run"] = run.Write(),
            ["step"] = Step.ToString(CultureInfo.InvariantCulture),
            ["losses"] = string.Join(' ', Losses.Select(Text)),
            ["best"] = Text(Best),
        };

    /// <summary>What <see cref="Metadata"/> wrote.</summary>
    /// <exception cref="ProblemException">The file does not say (exit 5).</exception>
    public static TrainingState Of(SafetensorsFile file, string where)
    {
        string Said(string key) => file.Metadata.GetValueOrDefault(key) ?? throw Silent(where, key);
        double Number(string key, string text) =>
            double.TryParse(text, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw Silent(where, key);
        return new(
            (long)Number("step", Said("step")),
            [
                .. Said("losses")
                    .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Select(loss => Number("losses", loss)),
            ],
            Number("best", Said("best"))
        );
    }

    private static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    private static ProblemException Silent(string where, string key) =>
        new(
            ExitCode.Checkpoint,
            where,
            $"does not say the run's {key}",
            "Use a checkpoint that training wrote"
        );
}
