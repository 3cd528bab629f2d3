namespace KneeSeg.Data.Datasets;

/// <summary>
/// The axes along which a dataset's images may be mirrored, and the labels to swap. A mirrored right knee is a left knee
/// whose medial side stays medial, so knees swap none; organs named left and right do.
/// </summary>
/// <param name="Axes">The axes that may be mirrored.</param>
/// <param name="Swap">Pairs of labels that are swapped when the depth is mirrored.</param>
public sealed record FlipAugmentation(
    IReadOnlyList<ModelAxis> Axes,
    IReadOnlyList<SwappedLabels> Swap
)
{
    /// <summary>No mirroring.</summary>
    public static FlipAugmentation None { get; } = new([], []);

    /// <summary>Left knees may become right ones.</summary>
    public static FlipAugmentation Knees { get; } = new([ModelAxis.Depth], []);
}

/// <summary>Two labels that are swapped.</summary>
public readonly record struct SwappedLabels(byte First, byte Second);
