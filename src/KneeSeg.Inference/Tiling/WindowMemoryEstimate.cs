using KneeSeg.Data;
using KneeSeg.Dsl;
using KneeSeg.Torch.Native;

namespace KneeSeg.Inference.Tiling;

/// <summary>Estimates the peak memory of inference beyond the volume itself, in bytes.</summary>
internal static class WindowMemoryEstimate
{
    // Copies of the output: logits, probabilities, and contiguous on the CPU.
    private const int OutputCopies = 3;

    /// <summary>The estimate for a plan.</summary>
    /// <param name="graph">The network, whose weights are included.</param>
    /// <param name="patch">The model input.</param>
    /// <param name="plan">Its windows.</param>
    /// <param name="volume">The volume's size.</param>
    /// <param name="numberBytes">Bytes per feature map element.</param>
    public static long Of(
        Graph graph,
        ModelInput patch,
        WindowPlan plan,
        ModelSize volume,
        int numberBytes
    )
    {
        var (classes, largest) = (Math.Max(2, graph.Classes), plan.Largest);
        var batchSize = plan.BatchSize;
        var slices = plan.Depth.Tiles.Max(tile => tile.Weights.Length);
        var network = LibtorchMemory
            .Peak(graph, (patch with { Size = largest }).Lengths, batchSize, numberBytes)
            .Predict;
        var input = sizeof(float) * batchSize * largest.Count;
        var sums = sizeof(float) * (long)classes * slices * volume.Height * volume.Width;
        return network + input * (1 + OutputCopies * classes) + sums;
    }
}
