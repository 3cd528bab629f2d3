namespace KneeSeg.Imaging;

/// <summary>Voxels of a structure.</summary>
/// <param name="Reference">In the reference.</param>
/// <param name="Prediction">In the prediction.</param>
/// <param name="Intersection">In both.</param>
public readonly record struct Overlap(long Reference, long Prediction, long Intersection)
{
    /// <summary>In either.</summary>
    public long Union => Reference + Prediction - Intersection;

    /// <summary>2|g∩p| / (|g| + |p|); null if neither has any.</summary>
    public double? Dice =>
        Reference + Prediction > 0 ? 2.0 * Intersection / (Reference + Prediction) : null;

    /// <summary>Counts each label in annotated voxels.</summary>
    /// <param name="reference">Labels below <paramref name="labels" />, or <see cref="LabelValue.Ignored" />.</param>
    /// <param name="prediction">Labels below <paramref name="labels" />, of the same voxels.</param>
    /// <param name="labels">How many there are, background included.</param>
    public static Overlap[] Count(
        ReadOnlySpan<byte> reference,
        ReadOnlySpan<byte> prediction,
        int labels
    )
    {
        var (inReference, inPrediction) = (new long[labels], new long[labels]);
        var inBoth = new long[labels];
        for (var i = 0; i < reference.Length; i++)
        {
            if (reference[i] == LabelValue.Ignored)
                continue;
            inReference[reference[i]]++;
            inPrediction[prediction[i]]++;
            if (reference[i] == prediction[i])
                inBoth[reference[i]]++;
        }
        return
        [
            .. Enumerable
                .Range(0, labels)
                .Select(label => new Overlap(
                    inReference[label],
                    inPrediction[label],
                    inBoth[label]
                )),
        ];
    }
}
