using KneeSeg.Data;
using KneeSeg.Imaging;
using KneeSeg.Inference;
using KneeSeg.Runs;

namespace KneeSeg.Training;

/// <summary>How well a network labels whole validation cases, by the windows that predict.</summary>
internal static class Validation
{
    /// <summary>
    /// Dice of each foreground label in annotated voxels: the mean over the cases where truth or prediction has it.
    /// </summary>
    /// <param name="windows">The network.</param>
    /// <param name="cases">The cases.</param>
    /// <param name="classes">Labels, background included.</param>
    /// <param name="seen">Gets each case with its predicted labels.</param>
    public static ValidationRecord Run(
        SlidingWindow windows,
        IReadOnlyList<PreprocessedCase> cases,
        int classes,
        Action<PreprocessedCase, byte[]> seen
    )
    {
        var perCase = cases
            .Select(one =>
            {
                var predicted = windows.Labels(one.Image, one.Size);
                seen(one, predicted);
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
        var (hits, either) = (new long[classes], new long[classes]);
        for (var i = 0; i < predicted.Length; i++)
        {
            if (labels[i] == LabelValue.Ignored)
                continue;
            either[predicted[i]]++;
            either[labels[i]]++;
            if (predicted[i] == labels[i])
                hits[predicted[i]]++;
        }
        return
        [
            .. Enumerable
                .Range(1, classes - 1)
                .Select(label =>
                    either[label] == 0 ? (double?)null : 2.0 * hits[label] / either[label]
                ),
        ];
    }
}
