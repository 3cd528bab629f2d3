using System.Globalization;
using KneeSeg.Runs;
using KneeSeg.Torch.Checkpoints;

namespace KneeSeg.Training;

/// <summary>A run's progress: the metadata of a checkpoint.</summary>
/// <param name="Step">Optimizer steps done.</param>
/// <param name="Losses">Losses of the current epoch's steps.</param>
/// <param name="Best">The best validation Dice so far; below 0 before the first.</param>
internal sealed record TrainingState(long Step, IReadOnlyList<double> Losses, double Best)
{
    public static TrainingState Start { get; } = new(0, [], -1);

    /// <summary>The state after one more step.</summary>
    public TrainingState After(double loss) =>
        this with
        {
            Step = Step + 1,
            Losses = [.. Losses, loss],
        };

    /// <summary>As checkpoint metadata, with the run's manifest.</summary>
    public Dictionary<string, string> Metadata(RunManifest run) =>
        new()
        {
            ["run"] = run.Write(),
            ["step"] = Step.ToString(CultureInfo.InvariantCulture),
            ["losses"] = string.Join(' ', Losses.Select(Text)),
            ["best"] = Text(Best),
        };

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
        return new(
            (long)Number("step", Entry("step")),
            [
                .. Entry("losses")
                    .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Select(loss => Number("losses", loss)),
            ],
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
