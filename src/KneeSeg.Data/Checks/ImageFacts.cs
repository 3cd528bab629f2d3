using KneeSeg.Imaging;

namespace KneeSeg.Data;

/// <summary>What the values of an image are like.</summary>
/// <param name="Low">The least finite value; infinite where none is finite.</param>
/// <param name="High">The greatest.</param>
/// <param name="NonFinite">How many are NaN or infinite.</param>
/// <param name="FirstNonFinite">Where the first of those is, an index.</param>
/// <param name="LooksLikeLabels">Whether it is a label volume rather than an image, as far as its values tell.</param>
public readonly record struct ImageFacts(
    float Low,
    float High,
    long NonFinite,
    int FirstNonFinite,
    bool LooksLikeLabels
)
{
    /// <summary>Whether nothing can be seen: one value, or none that is finite.</summary>
    public bool IsFlat => Low >= High;

    /// <summary>Looks at all voxels.</summary>
    public static ImageFacts Of(Volume<float> image)
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
