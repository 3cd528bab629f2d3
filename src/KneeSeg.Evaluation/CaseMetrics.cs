using System.Text.Json.Serialization;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Morphology;

namespace KneeSeg.Evaluation;

/// <summary>The metrics of a case by structure.</summary>
/// <param name="Id">The case.</param>
/// <param name="Labels">Every label of the profile but the background, in order.</param>
public sealed record CaseMetrics(string Id, IReadOnlyList<LabelMetrics> Labels)
{
    /// <summary>
    /// The structures scored by the knee segmentation challenge, numbered in its order: femoral, tibial and patellar
    /// cartilage, menisci. Only those whose parts the label map has.
    /// </summary>
    public IReadOnlyList<LabelMetrics> Tissues { get; init; } = [];

    /// <summary>The mean Dice over the labels that the reference or the prediction has; null when neither has any.</summary>
    public double? MeanDice => Labels.Average(label => label.Dice);

    /// <summary>
    /// Confusion matrix in voxels: rows are reference labels, columns predicted ones, background first. Summed in
    /// <see cref="EvaluationSummary.Confusion" />, not stored by case.
    /// </summary>
    [JsonIgnore]
    public long[][] Confusion { get; init; } = [];

    /// <summary>Ignored voxels, excluded from all metrics.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Ignored { get; init; }

    /// <summary>Measures a prediction.</summary>
    /// <param name="id">The case, named in errors.</param>
    /// <param name="reference">The reference labels; <see cref="LabelValue.Ignored"/> voxels are excluded.</param>
    /// <param name="prediction">The predicted labels, on the same grid.</param>
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
                "Predict the image on which the reference was drawn"
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
                    .Select(structure =>
                        structure.Labels is [var only]
                            ? measured[only - 1] with
                            {
                                Label = structure.Number,
                            }
                            : Of(structure.Number, structure.Name, structure.Labels)
                    ),
            ],
            Confusion = confusion,
            Ignored = ignored,
        };
    }

    // The sign of the medial direction along the first axis of space, from the two tibial cartilages.
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
