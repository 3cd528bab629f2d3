using KneeSeg.Imaging;

namespace KneeSeg.Evaluation;

/// <summary>
/// A reference and a prediction in which ignored voxels (<see cref="LabelValue.Ignored"/> in the reference) are background
/// in both, so that they do not affect metrics.
/// </summary>
/// <param name="Reference">The reference labels.</param>
/// <param name="Prediction">The predicted labels, on the same grid.</param>
/// <param name="Ignored">The number of ignored voxels.</param>
public sealed record AnnotatedPair(Volume<byte> Reference, Volume<byte> Prediction, long Ignored)
{
    /// <summary>Creates a pair; the given volumes are not changed.</summary>
    public static AnnotatedPair Of(Volume<byte> reference, Volume<byte> prediction)
    {
        var ignored = reference.Voxels.AsSpan().Count(LabelValue.Ignored);
        if (ignored == 0)
            return new(reference, prediction, 0);
        var predicted = prediction.Voxels.ToArray();
        for (var i = 0; i < predicted.Length; i++)
            if (reference.Voxels[i] == LabelValue.Ignored)
                predicted[i] = 0;
        return new(
            reference with
            {
                Voxels = LabelValue.Annotated(reference.Voxels),
            },
            prediction with
            {
                Voxels = predicted,
            },
            ignored
        );
    }
}
