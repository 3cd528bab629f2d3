using KneeSeg.Data.Preprocessing;
using KneeSeg.Imaging;
using KneeSeg.Inference;
using KneeSeg.Runs;

namespace KneeSeg.Training;

/// <summary>Validation on whole cases by sliding-window inference.</summary>
internal static class Validation
{
    /// <summary>
    /// Dice of each foreground label in annotated voxels: the mean over cases where reference or prediction has it.
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
                return Dice(predicted, one.Labels.Span, classes);
            })
            .ToArray();
        var dice = Enumerable
            .Range(0, classes - 1)
            .Select(label => perCase.Select(values => values[label]).Average())
            .ToArray();
        return new ValidationRecord(dice, dice.Average() ?? 0);
    }

    private static double?[] Dice(byte[] predicted, ReadOnlySpan<byte> labels, int classes)
    {
        var (intersection, total) = (new long[classes], new long[classes]);
        for (var i = 0; i < predicted.Length; i++)
        {
            if (labels[i] == LabelValue.Ignored)
                continue;
            total[predicted[i]]++;
            total[labels[i]]++;
            if (predicted[i] == labels[i])
                intersection[predicted[i]]++;
        }
        return
        [
            .. Enumerable
                .Range(1, classes - 1)
                .Select(label =>
                    total[label] == 0 ? (double?)null : 2.0 * intersection[label] / total[label]
                ),
        ];
    }
}
