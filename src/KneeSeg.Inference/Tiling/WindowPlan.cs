using KneeSeg.Data;

namespace KneeSeg.Inference;

/// <summary>The windows in which a network goes over a volume in model space, in the order of the array.</summary>
internal sealed record WindowPlan(AxisTiles Depth, AxisTiles Height, AxisTiles Width)
{
    private const double Overlap = 0.5;

    /// <summary>How many windows there are.</summary>
    public int Count => Depth.Tiles.Count * Height.Tiles.Count * Width.Tiles.Count;

    /// <summary>The most that a window sees.</summary>
    public ModelSize Largest => new(Depth.Longest, Height.Longest, Width.Longest);

    /// <summary>All voxels that windows see, those of overlaps as often as they are seen.</summary>
    public long VoxelsSeen => Seen(Depth) * Seen(Height) * Seen(Width);

    /// <summary>
    /// The windows of a network: overlapping ones along three axes, or, where it labels a slice at a time, each slice
    /// in windows that overlap in its plane.
    /// </summary>
    /// <param name="patch">What the network was trained on.</param>
    /// <param name="volume">What to cover.</param>
    public static WindowPlan Overlapping(ModelInput patch, ModelSize volume) =>
        new(
            patch.Kind == PatchKind.Volume
                ? AxisTiles.Overlapping(volume.Depth, patch.Size.Depth, Overlap)
                : AxisTiles.EachVoxel(volume.Depth, patch.Size.Depth),
            AxisTiles.Overlapping(volume.Height, patch.Size.Height, Overlap),
            AxisTiles.Overlapping(volume.Width, patch.Size.Width, Overlap)
        );

    /// <summary>Windows of one row of tiles along the depth, which begin at the same slice.</summary>
    public IEnumerable<Window> WindowsAt(Tile depth) =>
        from height in Height.Tiles
        from width in Width.Tiles
        select new Window(depth, height, width);

    private static long Seen(AxisTiles axis) => axis.Tiles.Sum(tile => (long)tile.Length);
}
