using KneeSeg.Inference.Files;

namespace KneeSeg.Inference;

/// <summary>Estimates the peak memory of inference an image, in bytes.</summary>
internal static class ImageMemoryEstimate
{
    /// <summary>The peak over preprocessing and inference.</summary>
    /// <param name="voxels">Of the image.</param>
    /// <param name="prepared">Voxels of each preprocessed version of it.</param>
    /// <param name="windows">Bytes of networks and their windows.</param>
    /// <param name="classes">Background included.</param>
    /// <param name="output">The requested outputs.</param>
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
        // Original, reoriented, resampled, and normalized.
        var preprocessing = 2 * image + kept.Sum() + 2 * kept.Max();
        // Output bytes per voxel; probabilities are converted to float32 for writing, one class at a time.
        var outputBytes =
            1
            + (output.Probabilities ? sizeof(ushort) * (classes - 1) : 0)
            + (output.Uncertainty ? sizeof(float) : 0);
        var written = output.Probabilities ? image : 0;
        // Outputs exist twice: in the maps' order, and reoriented to the image's grid.
        var inference = image + kept.Sum() + windows + 2 * outputBytes * voxels + written;
        return Math.Max(preprocessing, inference);
    }
}
