namespace KneeSeg.Inference;

/// <summary>
/// How windows cover one axis. For each voxel the shares of all tiles add up to one, and since weights in three
/// axes are products of weights along each, so they do in the volume: no map of weights is ever needed.
/// </summary>
/// <param name="Size">Voxels of the volume.</param>
/// <param name="Tiles">From the first voxel to the last.</param>
internal sealed record AxisTiles(int Size, IReadOnlyList<Tile> Tiles)
{
    // Isensee et al. (2021): a Gaussian with an eighth of the window as its deviation.
    private const double Deviation = 0.125;

    /// <summary>The most that a window sees.</summary>
    public int Longest => Tiles.Max(tile => tile.Length);

    /// <summary>Windows that overlap by a share of their length or a little more, evenly spaced.</summary>
    /// <param name="size">Voxels of the volume; where fewer than the window has, it lies in the window's middle.</param>
    /// <param name="window">Voxels of the window.</param>
    /// <param name="overlap">At least 0, below 1.</param>
    public static AxisTiles Overlapping(int size, int window, double overlap)
    {
        if (size <= window)
            return Sharing(size, window, [(size - window) / 2]);
        var step = Math.Max(1, window * (1 - overlap));
        var gaps = (int)Math.Ceiling((size - window) / step);
        return Sharing(
            size,
            window,
            [
                .. Enumerable
                    .Range(0, gaps + 1)
                    .Select(i => (int)Math.Round((double)i * (size - window) / gaps)),
            ]
        );
    }

    /// <summary>A window around each voxel, which alone decides about it.</summary>
    /// <param name="size">Voxels of the volume.</param>
    /// <param name="window">Voxels of the window: 1, or how many neighbors and itself the network sees.</param>
    public static AxisTiles EachVoxel(int size, int window) =>
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
    /// Tiles that touch but don't overlap in what they write, each seeing as far beyond as the network does, but never
    /// beyond the volume: there the network's own padding is what it would be for the whole.
    /// </summary>
    /// <param name="size">Voxels of the volume; it lies in the middle of the next multiple of the network's.</param>
    /// <param name="axis">What the network needs along this axis.</param>
    /// <param name="core">Voxels of a tile without what it sees beyond; a multiple of the network's.</param>
    public static AxisTiles Exact(int size, AxisMargins axis, int core)
    {
        var all = axis.Whole(size);
        // Where a volume is no multiple, what is seen beyond it is as in a window that is too large.
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
                        // A volume seen at once has its only window in the middle.
                        Position: 0
                    )
                );
        }
        return new(size, tiles);
    }

    // -1 at the first place that a window can have, 1 at the last.
    private static float Position(int read, int size, int window) =>
        size <= window ? 0 : (float)Math.Clamp(2 * ((double)read / (size - window) - 0.5), -1, 1);

    private static AxisTiles Sharing(int size, int window, int[] starts)
    {
        var weights = Gaussian(window);
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
                        Shares(start, inside),
                        Position(start, size, window)
                    );
                }),
            ]
        );

        float[] Shares(int start, int inside) =>
            [
                .. Enumerable
                    .Range(inside, Math.Min(window, size - start) - inside)
                    .Select(i => (float)(weights[i] / sums[start + i])),
            ];
    }

    private static double[] Gaussian(int window) =>
        [
            .. Enumerable
                .Range(0, window)
                .Select(i => (i - (window - 1) / 2.0) / (Deviation * window))
                .Select(deviations => Math.Exp(-deviations * deviations / 2)),
        ];
}
