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

    /// <summary>Those of two parts together.</summary>
    public static Overlap operator +(Overlap one, Overlap other) =>
        new(
            one.Reference + other.Reference,
            one.Prediction + other.Prediction,
            one.Intersection + other.Intersection
        );

    /// <summary>Dice of each label in annotated voxels, background included.</summary>
    /// <param name="reference">As for <see cref="Count"/>; of a partly labeled case, the lowest class of each group.</param>
    /// <param name="prediction">Likewise, all labels.</param>
    /// <param name="labels">How many there are.</param>
    /// <param name="groups">What the reference distinguishes, null for every label: what it does not is null.</param>
    public static double?[] DiceOf(
        ReadOnlySpan<byte> reference,
        ReadOnlySpan<byte> prediction,
        int labels,
        LabelGroups? groups
    )
    {
        if (groups is null)
            return Array.ConvertAll(Count(reference, prediction, labels), one => one.Dice);
        var merged = prediction.ToArray();
        groups.Merge(merged);
        return
        [
            .. Count(reference, merged, labels)
                .Select((one, label) => groups.Distinguish(label) ? one.Dice : null),
        ];
    }

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
