namespace KneeSeg.Inference;

/// <summary>What an image, its preparation and its labels take beside the networks, in bytes at the peak.</summary>
internal static class ImageMemory
{
    /// <summary>The most that is there at once: while the image is prepared, or while networks go over it.</summary>
    /// <param name="voxels">Of the image.</param>
    /// <param name="prepared">Voxels of each preparation of it.</param>
    /// <param name="windows">Bytes that networks and their windows take.</param>
    /// <param name="classes">Background included.</param>
    /// <param name="output">What is kept.</param>
    public static long Of(
        long voxels,
        IEnumerable<long> prepared,
        long windows,
        int classes,
        PredictionOutput output
    )
    {
        var kept = prepared.Select(count => sizeof(float) * count).ToArray();
        var image = sizeof(float) * voxels;
        // As it is, turned, on the wanted grid, and with the wanted brightness.
        var preparing = 2 * image + kept.Sum() + 2 * kept.Max();
        // Labels in the order of the maps, and on the image's own grid.
        var labels = 2 * voxels;
        var probabilities = output.Probabilities ? sizeof(ushort) * (classes - 1) * voxels : 0;
        var uncertainty = output.Uncertainty ? sizeof(float) * voxels : 0;
        var predicting = image + kept.Sum() + windows + labels + probabilities + uncertainty;
        return Math.Max(preparing, predicting);
    }
}
