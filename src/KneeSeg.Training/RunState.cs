using System.Globalization;
using KneeSeg.Runs;

namespace KneeSeg.Training;

/// <summary>How far a run is: what a checkpoint says beside its tensors.</summary>
/// <param name="Step">Optimiser steps done.</param>
/// <param name="LossSum">Of the losses of the epoch that is under way.</param>
/// <param name="Best">The best validation Dice so far; below 0 before the first.</param>
internal sealed record RunState(long Step, double LossSum, double Best)
{
    public static RunState Start { get; } = new(0, 0, -1);

    /// <summary>As a checkpoint's texts, with the run's description.</summary>
    public Dictionary<string, string> Metadata(RunDescription run) =>
        new()
        {
            ["run"] = run.Write(),
            ["step"] = Step.ToString(CultureInfo.InvariantCulture),
            ["lossSum"] = LossSum.ToString("R", CultureInfo.InvariantCulture),
            ["best"] = Best.ToString("R", CultureInfo.InvariantCulture),
        };

    /// <summary>What <see cref="Metadata"/> wrote.</summary>
    /// <exception cref="ProblemException">The file does not say (exit 5).</exception>
    public static RunState Of(SafetensorsFile file, string where)
    {
        double Number(string key) =>
            double.TryParse(
                file.Metadata.GetValueOrDefault(key),
                NumberStyles.Float,
                CultureInfo.InvariantCulture,
                out var number
            )
                ? number
                : throw new ProblemException(
                    ExitCode.Checkpoint,
                    where,
                    $"does not say the run's {key}",
                    "Use a checkpoint that training wrote"
                );
        return new((long)Number("step"), Number("lossSum"), Number("best"));
    }
}
