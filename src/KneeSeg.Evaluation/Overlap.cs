namespace KneeSeg.Evaluation;

/// <summary>Voxels of a structure.</summary>
/// <param name="Reference">In the reference.</param>
/// <param name="Prediction">In the prediction.</param>
/// <param name="Intersection">In both.</param>
internal readonly record struct Overlap(long Reference, long Prediction, long Intersection)
{
    /// <summary>In either.</summary>
    public long Union => Reference + Prediction - Intersection;

    /// <summary>Of some labels as one structure.</summary>
    /// <param name="confusion">By <see cref="Confusion.Count" />.</param>
    /// <param name="labels">Which.</param>
    public static Overlap Of(long[][] confusion, int[] labels) =>
        new(
            labels.Sum(label => confusion[label].Sum()),
            labels.Sum(label => confusion.Sum(row => row[label])),
            labels.Sum(row => labels.Sum(column => confusion[row][column]))
        );
}
