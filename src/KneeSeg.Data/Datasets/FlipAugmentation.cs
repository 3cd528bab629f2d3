namespace KneeSeg.Data;

/// <summary>
/// Along which axes a dataset's images may be mirrored, and what becomes of the labels. A mirrored right
/// knee is a left knee whose medial side stays medial, so knees swap none; organs named left and right do.
/// </summary>
/// <param name="Axes">Those that may be mirrored.</param>
/// <param name="Swap">Pairs of labels that change places when the depth is mirrored.</param>
public sealed record FlipAugmentation(
    IReadOnlyList<ModelAxis> Axes,
    IReadOnlyList<SwappedLabels> Swap
)
{
    /// <summary>Nothing may be mirrored.</summary>
    public static FlipAugmentation None { get; } = new([], []);

    /// <summary>Left knees may become right ones.</summary>
    public static FlipAugmentation Knees { get; } = new([ModelAxis.Depth], []);
}
