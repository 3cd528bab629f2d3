using System.Text.Json.Serialization;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Morphology;
using KneeSeg.Morphometry;

namespace KneeSeg.Evaluation;

/// <summary>The metrics of a case by structure.</summary>
/// <param name="Id">The case.</param>
/// <param name="Labels">Every label of the profile but the background, in order.</param>
public sealed record CaseMetrics(string Id, IReadOnlyList<LabelMetrics> Labels)
{
    /// <summary>
    /// The structures scored by the knee segmentation challenge, numbered in its order: femoral, tibial and patellar
    /// cartilage, menisci; only those whose parts the label map has. Then the data's own regions.
    /// </summary>
    [JsonPropertyName("tissues")]
    public IReadOnlyList<LabelMetrics> MergedLabels { get; init; } = [];

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
    /// <param name="groups">What the reference distinguishes, null for every label; what it does not is not measured.</param>
    /// <param name="regions">Further unions of structures to measure.</param>
    /// <exception cref="ProblemException">The grids differ, or a volume has a label beyond the profile (exit 3).</exception>
    public static CaseMetrics Measure(
        string id,
        Volume<byte> reference,
        Volume<byte> prediction,
        IReadOnlyList<string> labels,
        LabelGroups? groups = null,
        IReadOnlyList<NamedRegion>? regions = null
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
        if (groups is not null)
        {
            prediction = prediction with { Voxels = [.. prediction.Voxels] };
            groups.Merge(prediction.Voxels);
        }
        var boxes = LabelBoxes
            .Find($"{id}, reference", reference, labels.Count)
            .Zip(
                LabelBoxes.Find($"{id}, prediction", prediction, labels.Count),
                (a, b) => a.Union(b)
            )
            .ToArray();
        var confusion = Evaluation.Confusion.Count(reference, prediction, labels.Count);
        confusion[0][0] -= ignored;
        var known = Knee.Of(reference, labels);
        var found = known.Again(prediction);
        VoxelBox Box(int[] parts) =>
            parts.Aggregate(VoxelBox.Empty, (box, label) => box.Union(boxes[label]));
        LabelMetrics Of(int number, string name, int[] parts) =>
            groups?.Distinguish(parts) == false
                ? LabelMetrics.NotLabeled(number, name)
                : LabelMetrics.Of(
                    number,
                    name,
                    Evaluation.Confusion.Overlap(confusion, parts),
                    MaskPair.Of(reference, prediction, parts, Box(parts))
                );
        // A union of plates has a thickness, but no bone of its own.
        PlateComparison? OfUnion(string name, int[] parts) =>
            Plate.Of(name, SubvoxelMask.Of(reference, parts, Box(parts))) is { } plate
                ? PlateComparison.Of(
                    plate,
                    plate.Again(SubvoxelMask.Of(prediction, parts, Box(parts)))
                )
                : null;
        LabelMetrics OfLabel(int label) =>
            Of(label, labels[label], [label]).OfPlate(known[label], found[label]);
        LabelMetrics[] measured = [.. Enumerable.Range(1, labels.Count - 1).Select(OfLabel)];
        return new(id, measured)
        {
            MergedLabels =
            [
                .. MergedStructures
                    .Of(labels, regions ?? [])
                    .Select(structure =>
                        structure.Labels is [var only]
                            ? measured[only - 1] with
                            {
                                Label = structure.Number,
                            }
                            : Of(structure.Number, structure.Name, structure.Labels) with
                            {
                                Thickness = OfUnion(structure.Name, structure.Labels),
                            }
                    ),
            ],
            Confusion = confusion,
            Ignored = ignored,
        };
    }
}

/// <summary>
/// The four structures scored by the knee segmentation challenge (Desai et al. 2021): medial and lateral parts are merged.
/// </summary>
internal static class MergedStructures
{
    private static readonly (string Name, string[] Parts)[] All =
    [
        ("femoral cartilage", ["femoral cartilage"]),
        ("tibial cartilage", ["medial tibial cartilage", "lateral tibial cartilage"]),
        ("patellar cartilage", ["patellar cartilage"]),
        ("menisci", ["medial meniscus", "lateral meniscus"]),
    ];

    /// <summary>The structures whose parts exist: number, name and labels. Regions have the numbers after them.</summary>
    /// <param name="labels">The profile's names, the background's first.</param>
    /// <param name="regions">The data's own.</param>
    public static IEnumerable<(int Number, string Name, int[] Labels)> Of(
        IReadOnlyList<string> labels,
        IReadOnlyList<NamedRegion> regions
    ) =>
        from structure in All.Concat(
                regions
                    .Where(region => All.All(one => one.Name != region.Name))
                    .Select(region => (region.Name, Parts: region.Structures.ToArray()))
            )
            .Index()
        let parts = structure.Item.Parts.Select(part =>
            labels.Index().First(l => l.Item == part).Index
        )
        where structure.Item.Parts.All(labels.Contains)
        select (structure.Index + 1, structure.Item.Name, parts.ToArray());
}

/// <summary>Bounding boxes of all labels of a volume, found in one pass, which also checks for unknown labels.</summary>
internal static class LabelBoxes
{
    /// <summary>The boxes around the labels 0 to <paramref name="labels" /> - 1.</summary>
    /// <exception cref="ProblemException">There are unknown labels (exit 3).</exception>
    public static VoxelBox[] Find(string where, Volume<byte> volume, int labels)
    {
        var all = Enumerable.Repeat(VoxelBox.Empty, 256).ToArray();
        Parallel.For(
            0,
            volume.Grid.Size.Z,
            k =>
            {
                var slice = InSlice(volume, k);
                lock (all)
                    for (var label = 0; label < all.Length; label++)
                        all[label] = all[label].Union(slice[label]);
            }
        );
        if (Array.FindIndex(all, labels, box => !box.IsEmpty) is var unknown and >= 0)
            throw new ProblemException(
                ExitCode.Data,
                where,
                $"{volume.Voxels.Count(label => label == unknown):N0} voxels have label {unknown}, but the largest label is {labels - 1}",
                "Evaluate with the label profile of the volumes"
            );
        return all[..labels];
    }

    private static VoxelBox[] InSlice(Volume<byte> volume, int k)
    {
        var size = volume.Grid.Size;
        var boxes = Enumerable.Repeat(VoxelBox.Empty, 256).ToArray();
        for (var j = 0; j < size.Y; j++)
        {
            var row = volume.Voxels.AsSpan(size.X * (j + size.Y * k), size.X);
            for (var i = 0; i < row.Length; )
            {
                var label = row[i];
                // Labels come in runs, most of them of background.
                var rest = row[(i + 1)..].IndexOfAnyExcept(label);
                var end = rest < 0 ? row.Length : i + 1 + rest;
                boxes[label] = boxes[label].Union(new(i, j, k, end - 1, j, k));
                i = end;
            }
        }
        return boxes;
    }
}
