using KneeSeg.Data.Preprocessing;
using KneeSeg.Imaging;
using KneeSeg.Inference;
using KneeSeg.Inference.Quality;
using KneeSeg.Runs;

namespace KneeSeg.Training;

/// <summary>Validation on whole cases by sliding-window inference.</summary>
internal static class Validation
{
    /// <summary>
    /// Dice of each foreground label in annotated voxels: the mean over cases that distinguish it, where reference or prediction has it.
    /// </summary>
    /// <param name="windows">The network.</param>
    /// <param name="cases">The cases.</param>
    /// <param name="classes">Labels, background included.</param>
    /// <param name="predictedCase">Receives each case with its predicted labels.</param>
    /// <returns>The record, and the temperature that calibrates the probabilities.</returns>
    public static (ValidationRecord Record, double? Temperature) Run(
        SlidingWindow windows,
        IReadOnlyList<PreprocessedCase> cases,
        int classes,
        Action<PreprocessedCase, byte[]> predictedCase
    )
    {
        var calibration = new TemperatureScaling();
        var perCase = cases
            .Select(one =>
            {
                // Partly labeled cases do not say which class is right.
                var calibrated = one.Groups is null ? calibration : null;
                var predicted = windows.Labels(one.Image, one.Size, one.Labels, calibrated);
                predictedCase(one, predicted);
                return Overlap.DiceOf(one.Labels.Span, predicted, classes, one.Groups);
            })
            .ToArray();
        var dice = Enumerable
            .Range(1, classes - 1)
            .Select(label => perCase.Select(dice => dice[label]).Average())
            .ToArray();
        return (new(dice, dice.Average() ?? 0), calibration.Temperature);
    }
}
