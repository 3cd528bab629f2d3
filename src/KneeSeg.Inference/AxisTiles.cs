namespace KneeSeg.Inference;

/// <summary>
/// How windows cover one axis. For each voxel the shares of all tiles add up to one, and since weights in three
/// axes are products of weights along each, so they do in the volume: no map of weights is ever needed.
/// </summary>
/// <param name="Size">Voxels of the volume.</param>
/// <param name="Window">Voxels that the network sees.</param>
/// <param name="Tiles">From the first voxel to the last.</param>
internal sealed record AxisTiles(int Size, int Window, IReadOnlyList<Tile> Tiles)
{
    // Isensee et al. (2021): a Gaussian with an eighth of the window as its deviation.
    private const double Deviation = 0.125;

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
    /// <param name="window">Voxels of the window: 1, or how many neighbours and itself the network sees.</param>
    public static AxisTiles EachVoxel(int size, int window) =>
        new(
            size,
            window,
            [.. Enumerable.Range(0, size).Select(i => new Tile(i - window / 2, i, [1]))]
        );

    /// <summary>A tile's part of the position vector: −1 at the first place that a window can have, 1 at the last.</summary>
    public float Position(Tile tile) =>
        Size <= Window
            ? 0
            : (float)Math.Clamp(2 * ((double)tile.Read / (Size - Window) - 0.5), -1, 1);

    private static AxisTiles Sharing(int size, int window, int[] starts)
    {
        var weights = Gaussian(window);
        var sums = new double[size];
        foreach (var start in starts)
            for (var i = Math.Max(0, -start); i < Math.Min(window, size - start); i++)
                sums[start + i] += weights[i];
        return new(
            size,
            window,
            [.. starts.Select(start => new Tile(start, start, Shares(start)))]
        );

        float[] Shares(int start)
        {
            var shares = new float[window];
            for (var i = Math.Max(0, -start); i < Math.Min(window, size - start); i++)
                shares[i] = (float)(weights[i] / sums[start + i]);
            return shares;
        }
    }

    private static double[] Gaussian(int window) =>
        [
            .. Enumerable
                .Range(0, window)
                .Select(i => (i - (window - 1) / 2.0) / (Deviation * window))
                .Select(deviations => Math.Exp(-deviations * deviations / 2)),
        ];
}
