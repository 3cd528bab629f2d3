using System.Text.Json.Serialization;
using KneeSeg.Imaging;

namespace KneeSeg.Evaluation;

/// <summary>How well a case was segmented, structure by structure.</summary>
/// <param name="Id">The case.</param>
/// <param name="Labels">Every label of the profile but the background, in order.</param>
public sealed record CaseMetrics(string Id, IReadOnlyList<LabelMetrics> Labels)
{
    /// <summary>
    /// The tissues that the knee segmentation challenge scores, numbered in its order: femoral, tibial and patellar
    /// cartilage, menisci. Only those whose parts the profile has.
    /// </summary>
    public IReadOnlyList<LabelMetrics> Tissues { get; init; } = [];

    /// <summary>The mean Dice over the labels that the reference or the prediction has; null when neither has any.</summary>
    public double? MeanDice => Labels.Average(label => label.Dice);

    /// <summary>
    /// Voxels: a row for each label of the reference, the background's first, a column for each found. Summed up in
    /// <see cref="EvaluationSummary.Confusion" />, not stored by case.
    /// </summary>
    [JsonIgnore]
    public long[][] Confusion { get; init; } = [];

    /// <summary>Voxels that the reference does not annotate, which are left out of every measure.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Ignored { get; init; }

    /// <summary>Measures a prediction.</summary>
    /// <param name="id">The case, named in errors.</param>
    /// <param name="reference">What is true; what it marks as <see cref="LabelValue.Ignored"/> is left out.</param>
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
        (reference, prediction, var ignored) = AnnotatedPair.Of(reference, prediction);
        var boxes = LabelBoxes
            .Find($"{id}, reference", reference, labels.Count)
            .Zip(
                LabelBoxes.Find($"{id}, prediction", prediction, labels.Count),
                (a, b) => a.Union(b)
            )
            .ToArray();
        var confusion = Evaluation.Confusion.Count(reference, prediction, labels.Count);
        confusion[0][0] -= ignored;
        var medial = MedialSide(reference.Grid, boxes, labels);
        LabelMetrics Of(int number, string name, int[] parts) =>
            LabelMetrics.Of(
                number,
                name,
                Overlap.Of(confusion, parts),
                MaskPair.Of(
                    reference,
                    prediction,
                    parts,
                    parts.Aggregate(VoxelBox.Empty, (box, label) => box.Union(boxes[label]))
                ),
                medial
            );
        LabelMetrics[] measured =
        [
            .. labels.Index().Skip(1).Select(label => Of(label.Index, label.Item, [label.Index])),
        ];
        return new(id, measured)
        {
            Tissues =
            [
                .. MergedStructures
                    .Of(labels)
                    .Select(tissue =>
                        tissue.Labels is [var only]
                            ? measured[only - 1] with
                            {
                                Label = tissue.Number,
                            }
                            : Of(tissue.Number, tissue.Name, tissue.Labels)
                    ),
            ],
            Confusion = confusion,
            Ignored = ignored,
        };
    }

    // Which way along the first axis of space the medial side is: the tibia has a cartilage on each.
    private static int MedialSide(Grid grid, VoxelBox[] boxes, IReadOnlyList<string> labels)
    {
        double? Middle(string name) =>
            labels.Index().FirstOrDefault(label => label.Item == name).Index is > 0 and var label
            && !boxes[label].IsEmpty
                ? grid
                    .Affine.Apply(
                        (boxes[label].MinX + boxes[label].MaxX) / 2.0,
                        (boxes[label].MinY + boxes[label].MaxY) / 2.0,
                        (boxes[label].MinZ + boxes[label].MaxZ) / 2.0
                    )
                    .X
                : null;
        return
            Middle("medial tibial cartilage") is { } medial
            && Middle("lateral tibial cartilage") is { } lateral
            ? Math.Sign(medial - lateral)
            : 0;
    }
}
