using KneeSeg.Data.Preprocessing;
using KneeSeg.Imaging;
using KneeSeg.Inference;
using KneeSeg.Inference.Quality;
using KneeSeg.Inference.Tiling;
using KneeSeg.Runs;

namespace KneeSeg.Training;

/// <summary>Validation by sliding-window inference.</summary>
/// <param name="classes">Labels, background included.</param>
/// <param name="progress">Receives each case.</param>
/// <param name="cancel">Stops between windows.</param>
internal sealed class Validation(
    int classes,
    IProgressSink progress,
    CancellationToken cancel = default
)
{
    private readonly TemperatureScaling calibration = new();

    /// <summary>The temperature that calibrates the probabilities.</summary>
    public double? Temperature => calibration.Temperature;

    /// <summary>
    /// Dice of each foreground label in annotated voxels of whole cases: the mean over cases that distinguish it, where reference
    /// or prediction has it.
    /// </summary>
    /// <param name="windows">The network.</param>
    /// <param name="cases">The cases.</param>
    /// <param name="predictedCase">Receives each case with its predicted labels.</param>
    public ValidationRecord Whole(
        SlidingWindow windows,
        IReadOnlyList<PreprocessedCase> cases,
        Action<PreprocessedCase, byte[]> predictedCase
    )
    {
        var perCase = cases
            .Select(
                (one, i) =>
                {
                    Report(one, i, cases.Count);
                    var predicted = windows.Labels(
                        one.Image,
                        one.Size,
                        one.Labels,
                        CalibrationOf(one),
                        cancel
                    );
                    predictedCase(one, predicted);
                    return Overlap.DiceOf(one.Labels.Span, predicted, classes, one.Groups);
                }
            )
            .ToArray();
        return Record(label => perCase.Average(dice => dice[label]));
    }

    /// <summary>
    /// An estimate of it from windows that do not overlap: the Dice of each label over all of them together.
    /// </summary>
    /// <param name="windows">The network.</param>
    /// <param name="plan">Which windows.</param>
    public ValidationRecord Estimate(SlidingWindow windows, ValidationPlan plan)
    {
        var sums = new Overlap[classes];
        foreach (var (i, (one, chosen)) in plan.Parts.Index())
        {
            Report(one, i, plan.Parts.Count);
            foreach (var window in chosen)
            {
                var reference = window.PartOf(one.Labels.Span, one.Size);
                var predicted = windows.Labels(
                    one.Image,
                    one.Size,
                    window.Alone(),
                    reference,
                    CalibrationOf(one),
                    cancel
                );
                one.Groups?.Merge(predicted);
                foreach (
                    var (label, counted) in Overlap.Count(reference, predicted, classes).Index()
                )
                    if (one.Groups?.Distinguish(label) != false)
                        sums[label] += counted;
            }
        }
        return Record(label => sums[label].Dice) with { Windows = plan.Windows };
    }

    private ValidationRecord Record(Func<int, double?> diceOf)
    {
        double?[] dice = [.. Enumerable.Range(1, classes - 1).Select(diceOf)];
        return new(dice, dice.Average() ?? 0);
    }

    // Partly labeled cases do not say which class is right.
    private TemperatureScaling? CalibrationOf(PreprocessedCase one) =>
        one.Groups is null ? calibration : null;

    private void Report(PreprocessedCase one, int done, int all) =>
        progress.Report(new("validating", done, all, one.Id));
}
