using KneeSeg.Imaging;

namespace KneeSeg.Evaluation;

/// <summary>How well a case was segmented, label by label.</summary>
/// <param name="Id">The case.</param>
/// <param name="Labels">Every label of the profile but the background, in order.</param>
public sealed record CaseMetrics(string Id, IReadOnlyList<LabelMetrics> Labels)
{
    /// <summary>Measures a prediction.</summary>
    /// <param name="id">The case, named in errors.</param>
    /// <param name="reference">What is true.</param>
    /// <param name="prediction">What was found, on the same grid.</param>
    /// <param name="labels">The profile's names, the background's first.</param>
    /// <exception cref="ProblemException">The grids differ, or a volume has a label beyond the profile (exit 3).</exception>
    public static CaseMetrics Measure(
        string id,
        Volume<byte> reference,
        Volume<byte> prediction,
        IReadOnlyList<string> labels
    )
    {
        if (reference.Grid.Difference(prediction.Grid) is { } difference)
            throw new ProblemException(
                ExitCode.Data,
                id,
                $"prediction and reference are not on the same grid: the prediction {difference}",
                "Predict on the image that the reference was drawn on"
            );
        var boxes = LabelBoxes
            .Find($"{id}, reference", reference, labels.Count)
            .Zip(
                LabelBoxes.Find($"{id}, prediction", prediction, labels.Count),
                (a, b) => a.Union(b)
            )
            .ToArray();
        return new(
            id,
            [
                .. Enumerable
                    .Range(1, labels.Count - 1)
                    .Select(label =>
                        LabelMetrics.Of(
                            label,
                            labels[label],
                            MaskPair.Of(reference, prediction, (byte)label, boxes[label])
                        )
                    ),
            ]
        );
    }
}
