using KneeSeg.Data.Preprocessing;
using KneeSeg.Imaging;
using KneeSeg.Inference;
using KneeSeg.Runs;

namespace KneeSeg.Training;

/// <summary>Validation on whole cases by sliding-window inference.</summary>
internal static class Validation
{
    /// <summary>
    /// Dice of each foreground label in annotated voxels: the mean over cases that tell it, where reference or prediction has it.
    /// </summary>
    /// <param name="windows">The network.</param>
    /// <param name="cases">The cases.</param>
    /// <param name="classes">Labels, background included.</param>
    /// <param name="predictedCase">Receives each case with its predicted labels.</param>
    public static ValidationRecord Run(
        SlidingWindow windows,
        IReadOnlyList<PreprocessedCase> cases,
        int classes,
        Action<PreprocessedCase, byte[]> predictedCase
    )
    {
        var perCase = cases
            .Select(one =>
            {
                var predicted = windows.Labels(one.Image, one.Size);
                predictedCase(one, predicted);
                return Dice(one, predicted, classes);
            })
            .ToArray();
        var dice = Enumerable
            .Range(1, classes - 1)
            .Select(label => perCase.Select(dice => dice[label]).Average())
            .ToArray();
        return new ValidationRecord(dice, dice.Average() ?? 0);
    }

    // None of what the case's labels do not tell.
    private static double?[] Dice(PreprocessedCase one, byte[] predicted, int classes)
    {
        byte[] merged = [.. predicted];
        one.Groups?.Merge(merged);
        return
        [
            .. Overlap
                .Count(one.Labels.Span, merged, classes)
                .Select((overlap, label) => one.Groups?.Tell(label) == false ? null : overlap.Dice),
        ];
    }
}
