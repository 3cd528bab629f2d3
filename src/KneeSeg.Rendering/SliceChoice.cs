using KneeSeg.Imaging;

namespace KneeSeg.Rendering;

/// <summary>A slice to show.</summary>
/// <param name="Plane">Its plane.</param>
/// <param name="Index">The voxel index along the axis across it.</param>
/// <param name="Why">Why it was chosen, such as "largest disagreement".</param>
public sealed record SliceChoice(Plane Plane, int Index, string Why)
{
    /// <summary>The sagittal slice with the most labeled voxels.</summary>
    /// <param name="labels">In model space.</param>
    public static SliceChoice Fullest(Volume<byte> labels) =>
        new(
            Plane.Sagittal,
            Largest(Count(labels.Grid.Size, across: 2, at => labels.Voxels[at] != 0)),
            "most labels"
        );

    /// <summary>
    /// The sagittal slice with the largest disagreement; the one with the most labeled voxels in the other compartment of
    /// the knee; and the coronal one with the most structures.
    /// </summary>
    /// <param name="reference">The reference labels in model space.</param>
    /// <param name="prediction">The predicted labels, on the same grid.</param>
    public static IReadOnlyList<SliceChoice> Of(Volume<byte> reference, Volume<byte> prediction)
    {
        var (truth, found) = (reference.Voxels, prediction.Voxels);
        var size = reference.Grid.Size;
        var labeled = Count(size, across: 2, at => truth[at] != 0);
        var wrong = Count(size, across: 2, at => truth[at] != found[at]);
        // A perfect prediction has no worst slice.
        var worst = Largest(wrong.Max() > 0 ? wrong : labeled);
        var middle = Middle(labeled);
        var beyond = worst < middle ? labeled.AsSpan(middle..) : labeled.AsSpan(..middle);
        var first = worst < middle ? middle : 0;
        return
        [
            new(Plane.Sagittal, worst, wrong.Max() > 0 ? "largest disagreement" : "most labels"),
            .. beyond.Length > 0 && beyond.ContainsAnyExcept(0)
                ?
                [
                    new(
                        Plane.Sagittal,
                        first + Largest([.. beyond]),
                        "most labels on the other side"
                    ),
                ]
                : (SliceChoice[])[],
            new(Plane.Coronal, Richest(reference), "most structures"),
        ];
    }

    // The slice that has half of the labeled voxels before it.
    private static int Middle(int[] labeled)
    {
        var (slice, before) = (0, 0L);
        for (var half = labeled.Sum(count => (long)count) / 2; before < half; slice++)
            before += labeled[slice];
        return slice;
    }

    // The coronal slice with most different labels, of those the one with most labeled voxels.
    private static int Richest(Volume<byte> labels)
    {
        var size = labels.Grid.Size;
        var score = Count(size, across: 0, at => labels.Voxels[at] != 0)
            .Select(count => (Labels: 0, Voxels: count))
            .ToArray();
        for (var label = 1; label <= labels.Voxels.Max(); label++)
        {
            var counts = Count(size, across: 0, at => labels.Voxels[at] == label);
            for (var x = 0; x < counts.Length; x++)
                if (counts[x] > 0)
                    score[x].Labels++;
        }
        return Array.IndexOf(score, score.Max());
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
