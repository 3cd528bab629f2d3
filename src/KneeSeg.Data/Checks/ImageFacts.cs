namespace KneeSeg.Data;

/// <summary>What the values of an image are like.</summary>
/// <param name="Low">The least finite value.</param>
/// <param name="High">The greatest.</param>
/// <param name="NonFinite">How many are NaN or infinite.</param>
/// <param name="FirstNonFinite">Where the first of those is, an index.</param>
/// <param name="LooksLikeLabels">Whether all are whole, few and small, as labels are.</param>
internal readonly record struct ImageFacts(
    float Low,
    float High,
    long NonFinite,
    int FirstNonFinite,
    bool LooksLikeLabels
)
{
    private const int MostLabels = 20;

    public static ImageFacts Of(ReadOnlySpan<float> voxels)
    {
        var (low, high, nonFinite, first) = (
            float.PositiveInfinity,
            float.NegativeInfinity,
            0L,
            -1
        );
        var areLabels = true;
        for (var i = 0; i < voxels.Length; i++)
        {
            var value = voxels[i];
            if (!float.IsFinite(value))
            {
                first = nonFinite++ == 0 ? i : first;
                continue;
            }
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
            areLabels = areLabels && value is >= 0 and <= MostLabels && value == MathF.Floor(value);
        }
        return new(low, high, nonFinite, first, areLabels);
    }
}
