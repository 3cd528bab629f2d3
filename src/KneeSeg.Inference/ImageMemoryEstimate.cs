namespace KneeSeg.Inference;

/// <summary>What an image, its preparation and its labels take beside the networks, in bytes at the peak.</summary>
internal static class ImageMemoryEstimate
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
        // Bytes of a voxel: the label, and what is written besides; probabilities are written as float32, one by one.
        var said =
            1
            + (output.Probabilities ? sizeof(ushort) * (classes - 1) : 0)
            + (output.Uncertainty ? sizeof(float) : 0);
        var written = output.Probabilities ? image : 0;
        // In the order of the maps, and on the image's own grid.
        var predicting = image + kept.Sum() + windows + 2 * said * voxels + written;
        return Math.Max(preparing, predicting);
    }
}
