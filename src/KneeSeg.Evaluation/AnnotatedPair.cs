using KneeSeg.Imaging;

namespace KneeSeg.Evaluation;

/// <summary>
/// A reference and a prediction in which the voxels that the reference marks as <see cref="LabelValue.Ignored"/> are
/// background in both, so that they agree there and nothing of them is measured.
/// </summary>
/// <param name="Reference">What is true.</param>
/// <param name="Prediction">What was found, on the same grid.</param>
/// <param name="Ignored">How many voxels are ignored.</param>
public sealed record AnnotatedPair(Volume<byte> Reference, Volume<byte> Prediction, long Ignored)
{
    /// <summary>The pair itself where nothing is ignored; the volumes are not changed.</summary>
    public static AnnotatedPair Of(Volume<byte> reference, Volume<byte> prediction)
    {
        var ignored = reference.Voxels.AsSpan().Count(LabelValue.Ignored);
        if (ignored == 0)
            return new(reference, prediction, 0);
        var found = prediction.Voxels.ToArray();
        for (var i = 0; i < found.Length; i++)
            if (reference.Voxels[i] == LabelValue.Ignored)
                found[i] = 0;
        return new(
            reference with
            {
                Voxels = LabelValue.Annotated(reference.Voxels),
            },
            prediction with
            {
                Voxels = found,
            },
            ignored
        );
    }
}
