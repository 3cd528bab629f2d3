using KneeSeg.Data;
using KneeSeg.Data.Patches;

namespace KneeSeg.Inference.Tiling;

/// <summary>The windows over a volume in model space, in array order.</summary>
internal sealed record WindowPlan(AxisTiles Depth, AxisTiles Height, AxisTiles Width)
{
    private const double Overlap = 0.5;

    // Enough to keep the CPU busy; more only takes memory.
    internal const int VoxelsAtOnce = 64 * 64 * 64;

    /// <summary>How many windows there are.</summary>
    public int Count => Depth.Tiles.Count * Height.Tiles.Count * Width.Tiles.Count;

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
    public static WindowPlan Overlapping(ModelInput patch, ModelSize volume) =>
        new(
            patch.Kind == PatchKind.Volume
                ? AxisTiles.Overlapping(volume.Depth, patch.Size.Depth, Overlap)
                : AxisTiles.PerSlice(volume.Depth, patch.Size.Depth),
            AxisTiles.Overlapping(volume.Height, patch.Size.Height, Overlap),
            AxisTiles.Overlapping(volume.Width, patch.Size.Width, Overlap)
        );

    /// <summary>Windows of one row of tiles along the depth, which begin at the same slice.</summary>
    public IEnumerable<Window> WindowsAt(Tile depth) =>
        from height in Height.Tiles
        from width in Width.Tiles
        select new Window(depth, height, width);

    private static long InputVoxelsAlong(AxisTiles axis) =>
        axis.Tiles.Sum(tile => (long)tile.Length);
}
