using KneeSeg.Dsl;

namespace KneeSeg.Torch.Native;

/// <summary>The memory that networks take in libtorch, estimated before a tensor exists.</summary>
public static class LibtorchMemory
{
    /// <summary>Blocks of so many bytes and more are mapped: see <see cref="LibC.TuneMalloc"/>.</summary>
    internal const int MappedFrom = 8 << 20;

    // As measured: bench/run memory compares the estimates with real steps.
    private static readonly BackendMemory Libtorch = new(
        MappedFrom,
        predictingHoles: 75,
        // Gradients are freed in the order of the feature maps, which leaves few holes.
        trainingHoles: 25,
        checkpointingHoles: 50,
        kernelCopies: 1,
        // Rounded, and once more in the order that the processor wants.
        halfKernelCopies: 2
    );

    /// <summary>What a batch takes at the peak.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="size">Of each image.</param>
    /// <param name="batch">How many images.</param>
    /// <param name="width">Bytes of a number in a feature map: 4 of float32, 2 of bfloat16.</param>
    /// <exception cref="SpecException">The size doesn't fit the network.</exception>
    public static PeakMemory Peak(Graph graph, int[] size, int batch = 1, int width = 4) =>
        Networks.PeakMemory(graph, size, batch, width, Libtorch);

    /// <summary>The activation checkpointing with which a training step takes the least.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="size">Of each image.</param>
    /// <param name="batch">How many images.</param>
    /// <param name="width">Bytes of a number in a feature map: 4 of float32, 2 of bfloat16.</param>
    /// <exception cref="SpecException">The size doesn't fit the network.</exception>
    public static ActivationCheckpointing Checkpointing(
        Graph graph,
        int[] size,
        int batch,
        int width
    ) => Networks.ActivationCheckpointing(graph, size, batch, width, Libtorch);
}
