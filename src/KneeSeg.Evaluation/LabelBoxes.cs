using KneeSeg.Imaging;
using KneeSeg.Imaging.Morphology;

namespace KneeSeg.Evaluation;

/// <summary>Bounding boxes of all labels of a volume, found in one pass, which also checks for unknown labels.</summary>
internal static class LabelBoxes
{
    /// <summary>The boxes around the labels 0 to <paramref name="labels" /> - 1.</summary>
    /// <exception cref="ProblemException">There are unknown labels (exit 3).</exception>
    public static VoxelBox[] Find(string where, Volume<byte> volume, int labels)
    {
        var all = Enumerable.Repeat(VoxelBox.Empty, 256).ToArray();
        Parallel.For(
            0,
            volume.Grid.Size.Z,
            k =>
            {
                var slice = InSlice(volume, k);
                lock (all)
                    for (var label = 0; label < all.Length; label++)
                        all[label] = all[label].Union(slice[label]);
            }
        );
        if (Array.FindIndex(all, labels, box => !box.IsEmpty) is var unknown and >= 0)
            throw new ProblemException(
                ExitCode.Data,
                where,
                $"{volume.Voxels.Count(label => label == unknown):N0} voxels have label {unknown}, but the largest label is {labels - 1}",
                "Evaluate with the label profile of the volumes"
            );
        return all[..labels];
    }

    private static VoxelBox[] InSlice(Volume<byte> volume, int k)
    {
        var size = volume.Grid.Size;
        var boxes = Enumerable.Repeat(VoxelBox.Empty, 256).ToArray();
        for (var j = 0; j < size.Y; j++)
        {
            var row = volume.Voxels.AsSpan(size.X * (j + size.Y * k), size.X);
            for (var i = 0; i < row.Length; )
            {
                var label = row[i];
                // Labels come in runs, most of them of background.
                var rest = row[(i + 1)..].IndexOfAnyExcept(label);
                var end = rest < 0 ? row.Length : i + 1 + rest;
                boxes[label] = boxes[label].Union(new(i, j, k, end - 1, j, k));
                i = end;
            }
        }
        return boxes;
    }
}
