using KneeSeg.Imaging;

namespace KneeSeg.Data.Validation;

/// <summary>Statistics of an image's intensities.</summary>
/// <param name="Low">The least finite value; infinite where none is finite.</param>
/// <param name="High">The greatest.</param>
/// <param name="NonFinite">How many are NaN or infinite.</param>
/// <param name="FirstNonFinite">The index of the first of those.</param>
/// <param name="LooksLikeLabels">Whether its values look like those of a label volume.</param>
public readonly record struct ImageStatistics(
    float Low,
    float High,
    long NonFinite,
    int FirstNonFinite,
    bool LooksLikeLabels
)
{
    /// <summary>Whether it has no contrast: one value, or none that is finite.</summary>
    public bool IsFlat => Low >= High;

    /// <summary>Computes the statistics.</summary>
    public static ImageStatistics Of(Volume<float> image)
    {
        var (low, high, nonFinite, first) = (
            float.PositiveInfinity,
            float.NegativeInfinity,
            0L,
            -1
        );
        for (var i = 0; i < image.Voxels.Length; i++)
        {
            var value = image.Voxels[i];
            if (!float.IsFinite(value))
            {
                first = nonFinite++ == 0 ? i : first;
                continue;
            }
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }
        return new(low, high, nonFinite, first, LabelPattern.IsIn(image));
    }
}
