namespace KneeSeg.Inference;

/// <summary>Argmax over classes.</summary>
internal static class Argmax
{
    private const int Block = 1024;

    /// <summary>The class with the highest value in each voxel; the first of equals.</summary>
    /// <param name="maps">By class, the background first.</param>
    /// <param name="labels">Receives the labels.</param>
    public static void Labels(ReadOnlyMemory<float>[] maps, Span<byte> labels)
    {
        // In blocks, to stay in cache.
        Span<float> best = stackalloc float[Block];
        for (var at = 0; at < labels.Length; at += Block)
        {
            var length = Math.Min(Block, labels.Length - at);
            var found = labels.Slice(at, length);
            maps[0].Span.Slice(at, length).CopyTo(best);
            found.Clear();
            for (var label = 1; label < maps.Length; label++)
            {
                var map = maps[label].Span.Slice(at, length);
                for (var i = 0; i < map.Length; i++)
                    if (map[i] > best[i])
                        (best[i], found[i]) = (map[i], (byte)label);
            }
        }
    }
}
