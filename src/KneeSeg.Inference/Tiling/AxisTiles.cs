using KneeSeg.Data;

namespace KneeSeg.Inference.Tiling;

/// <summary>
/// The windows along one axis. For each voxel the blending weights of all tiles sum to one; since 3D weights are products
/// of those along each axis, they do so in the volume, and no weight map is needed.
/// </summary>
/// <param name="Size">Voxels of the volume.</param>
/// <param name="Tiles">From the first voxel to the last.</param>
internal sealed record AxisTiles(int Size, IReadOnlyList<Tile> Tiles)
{
    // Isensee et al. (2021): a Gaussian with a standard deviation of an eighth of the window.
    private const double Deviation = 0.125;

    /// <summary>The longest window.</summary>
    public int Longest => Tiles.Max(tile => tile.Length);

    /// <summary>Evenly spaced windows that overlap by at least a fraction of their length.</summary>
    /// <param name="size">Voxels of the volume; a smaller volume is centered in the window.</param>
    /// <param name="window">Voxels of the window.</param>
    /// <param name="overlap">At least 0, below 1.</param>
    /// <param name="center">Where in a window the weights are largest; null for the middle.</param>
    public static AxisTiles Overlapping(int size, int window, double overlap, double? center = null)
    {
        var weights = Gaussian(window, center ?? (window - 1) / 2.0);
        if (size <= window)
            return Blending(size, weights, [(size - window) / 2]);
        var step = Math.Max(1, window * (1 - overlap));
        var gaps = (int)Math.Ceiling((size - window) / step);
        return Blending(
            size,
            weights,
            [
                .. Enumerable
                    .Range(0, gaps + 1)
                    .Select(i => (int)Math.Round((double)i * (size - window) / gaps)),
            ]
        );
    }

    /// <summary>What the tiles contribute to one voxel, as a volume of its own.</summary>
    public AxisTiles At(int voxel) =>
        new(
            1,
            [
                .. Tiles
                    .Where(tile => tile.Covers(voxel))
                    .Select(tile =>
                        tile with
                        {
                            OutputOffset = 0,
                            Skip = tile.Skip + voxel - tile.OutputOffset,
                            Weights = [tile.Weights[voxel - tile.OutputOffset]],
                        }
                    ),
            ]
        );

    /// <summary>A window around each voxel that predicts it alone: per-slice windows.</summary>
    /// <param name="size">Voxels of the volume.</param>
    /// <param name="window">Voxels of the window: 1, or the voxel with its context.</param>
    public static AxisTiles PerSlice(int size, int window) =>
        new(
            size,
            [
                .. Enumerable
                    .Range(0, size)
                    .Select(i => (Read: i - window / 2, Write: i))
                    .Select(at => new Tile(
                        at.Read,
                        window,
                        at.Write,
                        0,
                        [1],
                        Position(at.Read, size, window)
                    )),
            ]
        );

    /// <summary>
    /// Tiles whose outputs touch without overlap, each with the network's receptive field as context, clipped to the volume:
    /// there the network's own padding is the same as for the whole.
    /// </summary>
    /// <param name="size">Voxels of the volume; centered in the next multiple of the network's.</param>
    /// <param name="axis">Alignment and margins along this axis.</param>
    /// <param name="core">Voxels of a tile without context; a multiple of the network's.</param>
    public static AxisTiles Exact(int size, AxisMargins axis, int core)
    {
        var all = axis.Whole(size);
        // A volume that is not a multiple is padded as in a window that is too large.
        var outside = (size - all) / 2;
        var tiles = new List<Tile>();
        for (var start = 0; start < all; start += core)
        {
            var end = Math.Min(start + core, all);
            var (first, last) = (Math.Max(0, start - axis.Before), Math.Min(all, end + axis.After));
            var (from, to) = (Math.Max(0, outside + start), Math.Min(size, outside + end));
            if (from < to)
                tiles.Add(
                    new(
                        outside + first,
                        last - first,
                        from,
                        from - (outside + first),
                        [.. Enumerable.Repeat(1f, to - from)],
                        // The position of a single window over the whole volume.
                        Position: 0
                    )
                );
        }
        return new(size, tiles);
    }

    // A slab's window may begin before the volume or end beyond it.
    private static float Position(int read, int size, int window) =>
        (float)Math.Clamp(PatchLocation.PositionAlong<double>(read, size - window), -1, 1);

    private static AxisTiles Blending(int size, double[] weights, int[] starts)
    {
        var window = weights.Length;
        var sums = new double[size];
        foreach (var start in starts)
            for (var i = Math.Max(0, -start); i < Math.Min(window, size - start); i++)
                sums[start + i] += weights[i];
        return new(
            size,
            [
                .. starts.Select(start =>
                {
                    var inside = Math.Max(0, -start);
                    return new Tile(
                        start,
                        window,
                        start + inside,
                        inside,
                        BlendingWeights(start, inside),
                        Position(start, size, window)
                    );
                }),
            ]
        );

        float[] BlendingWeights(int start, int inside) =>
            [
                .. Enumerable
                    .Range(inside, Math.Min(window, size - start) - inside)
                    .Select(i => (float)(weights[i] / sums[start + i])),
            ];
    }

    private static double[] Gaussian(int window, double center) =>
        [
            .. Enumerable
                .Range(0, window)
                .Select(i => (i - center) / (Deviation * window))
                .Select(deviations => Math.Exp(-deviations * deviations / 2)),
        ];
}

/// <summary>One window along one axis.</summary>
/// <param name="InputOffset">The first input voxel; negative if padded.</param>
/// <param name="Length">The number of input voxels.</param>
/// <param name="OutputOffset">The first output voxel that is used.</param>
/// <param name="Skip">Output voxels before it that are discarded.</param>
/// <param name="Weights">The blending weight of each output voxel from there on.</param>
/// <param name="Position">Its component of the patch position, −1 to 1.</param>
internal sealed record Tile(
    int InputOffset,
    int Length,
    int OutputOffset,
    int Skip,
    float[] Weights,
    float Position
)
{
    /// <summary>Whether it predicts a voxel.</summary>
    public bool Covers(int voxel) => voxel >= OutputOffset && voxel < OutputOffset + Weights.Length;

    /// <summary>The tile without its neighbors, as a volume of its own.</summary>
    public AxisTiles Alone() =>
        new(
            Weights.Length,
            [this with { OutputOffset = 0, Weights = [.. Enumerable.Repeat(1f, Weights.Length)] }]
        );
}

/// <summary>The alignment and margins along one axis that make a tile's output equal to that of the whole image.</summary>
/// <param name="Multiple">Tiles begin and end at multiples of this.</param>
/// <param name="Before">Context voxels before a tile, also a multiple.</param>
/// <param name="After">Context voxels after it.</param>
internal readonly record struct AxisMargins(int Multiple, int Before, int After)
{
    /// <summary>The size rounded up to a multiple.</summary>
    public int Whole(int size) => (size + Multiple - 1) / Multiple * Multiple;
}
