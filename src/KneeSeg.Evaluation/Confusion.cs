using KneeSeg.Imaging;

namespace KneeSeg.Evaluation;

/// <summary>Confusion matrices in voxels.</summary>
internal static class Confusion
{
    /// <summary>The matrix of two volumes on one grid: rows are reference labels, columns predicted ones.</summary>
    /// <param name="reference">Labels below <paramref name="labels" />.</param>
    /// <param name="prediction">Labels below <paramref name="labels" />.</param>
    /// <param name="labels">How many there are, background included.</param>
    public static long[][] Count(Volume<byte> reference, Volume<byte> prediction, int labels)
    {
        var slice = reference.Grid.Size.X * reference.Grid.Size.Y;
        var total = new long[labels * labels];
        Parallel.For(
            0,
            reference.Grid.Size.Z,
            () => new long[total.Length],
            (k, _, counts) =>
            {
                CountSlice(
                    reference.Voxels.AsSpan(slice * k, slice),
                    prediction.Voxels.AsSpan(slice * k, slice),
                    labels,
                    counts
                );
                return counts;
            },
            counts =>
            {
                lock (total)
                    for (var i = 0; i < total.Length; i++)
                        total[i] += counts[i];
            }
        );
        return [.. total.Chunk(labels)];
    }

    /// <summary>The sum of matrices of the same labels; empty for none.</summary>
    public static long[][] Sum(IReadOnlyCollection<long[][]> matrices) =>
        matrices.Count == 0
            ? []
            : matrices.Aggregate(
                (a, b) => [.. a.Zip(b, (x, y) => x.Zip(y, (n, m) => n + m).ToArray())]
            );

    /// <summary>The overlap of some labels as one structure.</summary>
    /// <param name="confusion">By <see cref="Confusion.Count" />.</param>
    /// <param name="labels">Which.</param>
    public static Overlap Overlap(long[][] confusion, int[] labels) =>
        new(
            labels.Sum(label => confusion[label].Sum()),
            labels.Sum(label => confusion.Sum(row => row[label])),
            labels.Sum(row => labels.Sum(column => confusion[row][column]))
        );

    private static void CountSlice(
        ReadOnlySpan<byte> reference,
        ReadOnlySpan<byte> prediction,
        int labels,
        long[] counts
    )
    {
        for (var at = 0; at < reference.Length; )
        {
            // Both are background almost everywhere.
            var empty = Math.Min(
                Run(reference[at..].IndexOfAnyExcept((byte)0), reference.Length - at),
                Run(prediction[at..].IndexOfAnyExcept((byte)0), reference.Length - at)
            );
            counts[0] += empty;
            at += empty;
            for (; at < reference.Length && (reference[at] | prediction[at]) != 0; at++)
                counts[reference[at] * labels + prediction[at]]++;
        }
    }

    private static int Run(int found, int rest) => found < 0 ? rest : found;
}
