using KneeSeg.Data.Datasets;
using KneeSeg.Imaging;

namespace KneeSeg.Experiments;

/// <summary>
/// The label map of references and predictions together, matched by name: the references' structures, then what only
/// predictions have.
/// </summary>
internal sealed class MatchedLabels
{
    private readonly LabelSource? dataset;

    private MatchedLabels(LabelSchema schema, LabelSource? predictions, LabelSource? dataset) =>
        (Schema, Predictions, this.dataset) = (schema, predictions, dataset);

    /// <summary>The label map.</summary>
    public LabelSchema Schema { get; }

    /// <summary>How predictions are numbered; null if as the label map.</summary>
    public LabelSource? Predictions { get; }

    /// <summary>Of references and predictions with the same labels.</summary>
    public static MatchedLabels Same(LabelSchema schema) => new(schema, null, null);

    /// <summary>Of references and predictions with labels of their own; null if they have no structure in common.</summary>
    public static MatchedLabels? ByName(LabelSchema references, LabelSchema predictions)
    {
        string[] labels =
        [
            .. references.Labels.Concat(predictions.Labels.Skip(1)).DistinctBy(LabelSchema.Plain),
        ];
        if (labels.Length > references.Classes + predictions.Classes - 2)
            return null;
        return new(
            new(references.Name, labels) { Regions = references.Regions },
            Source(predictions, labels),
            Source(references, labels)
        );
    }

    /// <summary>How the references of a case are numbered; null if as the label map.</summary>
    /// <param name="one">The case's own source in its dataset; null if it is numbered as the dataset.</param>
    public LabelSource? Of(LabelSource? one)
    {
        if (one is null || dataset is null)
            return one ?? dataset;
        // What only predictions have is not labeled by any source.
        var added = Enumerable.Range(dataset.Labels.Count, Schema.Classes - dataset.Labels.Count);
        return one with
        {
            Classes =
            [
                [.. one.Classes[0], .. added],
                .. one.Classes.Skip(1),
            ],
        };
    }

    private static LabelSource Source(LabelSchema own, string[] labels)
    {
        string[] plain = Array.ConvertAll(labels, LabelSchema.Plain);
        return LabelSource.Of(
            own.Name,
            own.Labels,
            [
                .. own
                    .Labels.Skip(1)
                    .Select(name => (int[])[Array.IndexOf(plain, LabelSchema.Plain(name))]),
            ],
            labels.Length
        ) with
        {
            Ignore = own.Ignore,
        };
    }
}
