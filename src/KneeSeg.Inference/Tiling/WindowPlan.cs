using KneeSeg.Data;
using KneeSeg.Data.Patches;
using KneeSeg.Dsl;
using KneeSeg.Runs;
using KneeSeg.Torch.Native;

namespace KneeSeg.Inference.Tiling;

/// <summary>The windows over a volume in model space, or over a part of it, in array order.</summary>
internal sealed record WindowPlan(AxisTiles Depth, AxisTiles Height, AxisTiles Width)
{
    /// <summary>How far windows overlap where predictions count.</summary>
    public const double Overlap = 0.5;

    // Logits, probabilities, and contiguous on the CPU.
    private const int OutputCopies = 3;

    // Enough to keep the CPU busy; more only takes memory.
    internal const int VoxelsAtOnce = 64 * 64 * 64;

    /// <summary>How many windows there are.</summary>
    public int Count => Depth.Tiles.Count * Height.Tiles.Count * Width.Tiles.Count;

    /// <summary>The size of what is predicted.</summary>
    public ModelSize Size => new(Depth.Size, Height.Size, Width.Size);

    /// <summary>The largest window.</summary>
    public ModelSize Largest => new(Depth.Longest, Height.Longest, Width.Longest);

    /// <summary>The total number of input voxels of all windows.</summary>
    public long InputVoxels =>
        InputVoxelsAlong(Depth) * InputVoxelsAlong(Height) * InputVoxelsAlong(Width);

    /// <summary>How many windows are run at once.</summary>
    public int BatchSize => (int)Math.Clamp(VoxelsAtOnce / Largest.Count, 1, Count);

    /// <summary>
    /// The sliding windows of a network: overlapping along three axes or, for networks that predict slices, overlapping
    /// in-plane for each slice.
    /// </summary>
    /// <param name="patch">The model input.</param>
    /// <param name="volume">The volume's size.</param>
    /// <param name="overlap">The least overlap, as a fraction of a window.</param>
    public static WindowPlan Overlapping(
        ModelInput patch,
        ModelSize volume,
        double overlap = Overlap
    )
    {
        return new(
            patch.Kind == PatchKind.Volume
                ? Along(volume.Depth, patch.Size.Depth)
                : AxisTiles.PerSlice(volume.Depth, patch.Size.Depth),
            Along(volume.Height, patch.Size.Height),
            Along(volume.Width, patch.Size.Width)
        );

        AxisTiles Along(int size, int window) =>
            AxisTiles.Overlapping(
                size,
                window,
                overlap,
                patch.Averaged == WindowAverage.Logits ? window / 2 : null
            );
    }

    /// <summary>All windows.</summary>
    public IEnumerable<Window> Windows => Depth.Tiles.SelectMany(WindowsAt);

    /// <summary>Windows of one row of tiles along the depth, which begin at the same slice.</summary>
    public IEnumerable<Window> WindowsAt(Tile depth) =>
        from height in Height.Tiles
        from width in Width.Tiles
        select new Window(depth, height, width);

    /// <summary>The peak memory of running it beyond the volume itself, in bytes.</summary>
    /// <param name="graph">The network, whose weights are included.</param>
    /// <param name="patch">The model input.</param>
    /// <param name="numberBytes">Bytes per feature map element.</param>
    /// <param name="furtherMaps">Maps of named outputs.</param>
    public long BytesFor(Graph graph, ModelInput patch, int numberBytes, int furtherMaps = 0)
    {
        var maps = Math.Max(2, graph.Classes) + furtherMaps;
        var slices = Depth.Tiles.Max(tile => tile.Weights.Length);
        var network = LibtorchMemory
            .Peak(graph, (patch with { Size = Largest }).Lengths, BatchSize, numberBytes)
            .Predict;
        var input = sizeof(float) * BatchSize * Largest.Count;
        var sums = sizeof(float) * (long)maps * slices * Height.Size * Width.Size;
        return network + input * (graph.Channels + OutputCopies * maps) + sums;
    }

    private static long InputVoxelsAlong(AxisTiles axis) =>
        axis.Tiles.Sum(tile => (long)tile.Length);
}

/// <summary>One window over a volume: a tile on each axis.</summary>
internal sealed record Window(Tile Depth, Tile Height, Tile Width)
{
    /// <summary>The input size.</summary>
    public ModelSize Size => new(Depth.Length, Height.Length, Width.Length);

    /// <summary>Where the input begins.</summary>
    public PatchLocation Start => new(Depth.InputOffset, Height.InputOffset, Width.InputOffset);

    /// <summary>The patch position.</summary>
    public float[] Position => [Depth.Position, Height.Position, Width.Position];

    /// <summary>The window without its neighbors, as a volume of its own.</summary>
    public WindowPlan Alone() => new(Depth.Alone(), Height.Alone(), Width.Alone());

    /// <summary>The part of a volume that it predicts.</summary>
    /// <param name="volume">Its voxels.</param>
    /// <param name="size">Its size.</param>
    public T[] PartOf<T>(ReadOnlySpan<T> volume, ModelSize size)
    {
        var (depth, height, width) = Alone().Size;
        var part = new T[depth * height * width];
        for (var d = 0; d < depth; d++)
        for (var h = 0; h < height; h++)
            volume
                .Slice(
                    ((Depth.OutputOffset + d) * size.Height + Height.OutputOffset + h) * size.Width
                        + Width.OutputOffset,
                    width
                )
                .CopyTo(part.AsSpan((d * height + h) * width));
        return part;
    }
}

/// <summary>A network's input patch and which voxels of it are predicted, the same for training and prediction.</summary>
/// <param name="Kind">Which voxels of a patch it predicts.</param>
/// <param name="Size">The patch size; 2D networks have a depth of 1.</param>
public sealed record ModelInput(PatchKind Kind, ModelSize Size)
{
    /// <summary>The neighboring slices that a 2D network gets as channels; 1 is the slice alone.</summary>
    public int Slices { get; init; } = 1;

    /// <summary>What is averaged where windows overlap.</summary>
    public WindowAverage Averaged { get; init; }

    /// <summary>The size along the network's own axes: height and width, or depth, height and width.</summary>
    public int[] Lengths =>
        Kind == PatchKind.Slice ? [Size.Height, Size.Width] : [Size.Depth, Size.Height, Size.Width];

    /// <summary>The model input of a run's network.</summary>
    internal static ModelInput Of(Graph graph, RunManifest run) =>
        Of(graph, run.Patch.Lengths, run.Recipe.Slices) with
        {
            Averaged = run.Averaged,
        };

    /// <summary>The model input of a network.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="size">Depth, height, width; or height, width for a 2D network.</param>
    /// <param name="slices">The neighboring slices that a 2D network gets as channels.</param>
    public static ModelInput Of(Graph graph, IReadOnlyList<int> size, int slices = 1) =>
        graph.Axes == 2
            ? new(PatchKind.Slice, new(1, size[^2], size[^1])) { Slices = slices }
            : new(
                // Depth collapsed to one voxel: the middle slice, with neighbors as context.
                graph.Nodes[graph.Output].Shape.Stride[0] == 0
                    ? PatchKind.Slab
                    : PatchKind.Volume,
                new(size[0], size[1], size[2])
            );
}
