using KneeSeg.Data;
using KneeSeg.Dsl;
using KneeSeg.Torch;

namespace KneeSeg.Inference;

/// <summary>What going over a volume takes beyond the volume itself, in bytes at the peak.</summary>
internal static class WindowMemoryEstimate
{
    // Answers as they come, normalized, and in the order of the array.
    private const int Answers = 3;

    /// <summary>Of a plan.</summary>
    /// <param name="graph">The network, whose weights are included.</param>
    /// <param name="patch">What it was trained on.</param>
    /// <param name="plan">Its windows.</param>
    /// <param name="volume">What they cover.</param>
    /// <param name="numberBytes">Of a number in a map.</param>
    public static long Of(
        Graph graph,
        ModelInput patch,
        WindowPlan plan,
        ModelSize volume,
        int numberBytes
    )
    {
        var (classes, largest) = (Math.Max(2, graph.Classes), plan.Largest);
        var atOnce = SlidingWindow.AtOnce(plan);
        var slab = plan.Depth.Tiles.Max(tile => tile.Weights.Length);
        var network = LibtorchMemory
            .Peak(graph, (patch with { Size = largest }).Lengths, atOnce, numberBytes)
            .Predict;
        var seen = sizeof(float) * atOnce * largest.Count;
        var sums = sizeof(float) * (long)classes * slab * volume.Height * volume.Width;
        return network + seen * (1 + Answers * classes) + sums;
    }
}
