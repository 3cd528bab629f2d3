using KneeSeg.Data;
using KneeSeg.Dsl;
using KneeSeg.Inference.Files;
using KneeSeg.Inference.Tiling;

namespace KneeSeg.Inference;

/// <summary>What predicting an image by overlapping windows takes, before there are weights.</summary>
/// <param name="Windows">How many windows.</param>
/// <param name="WindowBytes">Peak memory of the windows in bytes, weights included.</param>
/// <param name="Bytes">Peak memory with the image, its preprocessing and its labels.</param>
public sealed record PredictionEstimate(int Windows, long WindowBytes, long Bytes)
{
    /// <summary>Estimates an image.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="patch">Its input.</param>
    /// <param name="volume">The size of the preprocessed image.</param>
    /// <param name="voxels">Voxels of the image itself.</param>
    /// <param name="channels">Of the image.</param>
    /// <param name="elementBytes">Bytes of a number in a feature map.</param>
    /// <exception cref="SpecException">The network does not take the patch.</exception>
    public static PredictionEstimate Of(
        Graph graph,
        ModelInput patch,
        ModelSize volume,
        long voxels,
        int channels,
        int elementBytes
    )
    {
        var plan = WindowPlan.Overlapping(patch, volume);
        var windows = plan.BytesFor(graph, patch, elementBytes);
        return new(
            plan.Count,
            windows,
            PredictionPlan.PeakBytes(
                voxels,
                channels,
                [volume.Count * channels],
                windows,
                Math.Max(2, graph.Classes),
                0,
                new PredictionOutput()
            )
        );
    }
}
