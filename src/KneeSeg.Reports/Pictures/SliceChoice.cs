using KneeSeg.Imaging;

namespace KneeSeg.Reports;

/// <summary>A slice worth looking at.</summary>
/// <param name="Plane">Its plane.</param>
/// <param name="Index">The voxel index along the axis across it.</param>
/// <param name="Why">What makes it worth it, such as "most disagreement".</param>
public sealed record SliceChoice(Plane Plane, int Index, string Why)
{
    /// <summary>The sagittal slice with most labelled tissue.</summary>
    /// <param name="labels">In model space.</param>
    public static SliceChoice Fullest(Volume<byte> labels) =>
        new(
            Plane.Sagittal,
            Largest(Count(labels.Grid.Size, across: 2, at => labels.Voxels[at] != 0)),
            "most tissue"
        );

    /// <summary>The sagittal slice with most disagreement, the one with most labelled tissue, and such a coronal one.</summary>
    /// <param name="reference">The expert's labels in model space.</param>
    /// <param name="prediction">The network's, on the same grid.</param>
    public static IReadOnlyList<SliceChoice> Of(Volume<byte> reference, Volume<byte> prediction)
    {
        var size = reference.Grid.Size;
        var (truth, found) = (reference.Voxels, prediction.Voxels);
        var fullest = Fullest(reference);
        var worst = Largest(Count(size, across: 2, at => truth[at] != found[at]));
        var front = Largest(Count(size, across: 0, at => truth[at] != 0));
        SliceChoice coronal = new(Plane.Coronal, front, "most tissue");
        return worst == fullest.Index
            ? [fullest with { Why = "most disagreement and most tissue" }, coronal]
            : [new(Plane.Sagittal, worst, "most disagreement"), fullest, coronal];
    }

    // How many voxels of each slice across an axis, 0 or 2, are so.
    private static int[] Count(Size3 size, int across, Func<int, bool> isSo)
    {
        var counts = new int[size[across]];
        for (var (z, at) = (0, 0); z < size.Z; z++)
        for (var y = 0; y < size.Y; y++)
        for (var x = 0; x < size.X; x++, at++)
            if (isSo(at))
                counts[across == 0 ? x : z]++;
        return counts;
    }

    private static int Largest(int[] counts) => Array.IndexOf(counts, counts.Max());
}
