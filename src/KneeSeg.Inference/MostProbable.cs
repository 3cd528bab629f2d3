namespace KneeSeg.Inference;

/// <summary>From probabilities to labels.</summary>
internal static class MostProbable
{
    /// <summary>The class with the highest value in each voxel, of equals the first.</summary>
    /// <param name="maps">By class, the background first.</param>
    /// <param name="labels">Receives them.</param>
    public static void Labels(ReadOnlyMemory<float>[] maps, Span<byte> labels)
    {
        labels.Clear();
        var best = maps[0].ToArray();
        for (var label = 1; label < maps.Length; label++)
        {
            var map = maps[label].Span;
            for (var i = 0; i < map.Length; i++)
                if (map[i] > best[i])
                    (best[i], labels[i]) = (map[i], (byte)label);
        }
    }
}
