namespace KneeSeg.Imaging.Resampling;

/// <summary>
/// Resamples volumes to another grid in the same space. A voxel extends half a voxel around its center: within it the
/// edge's value holds, beyond it is outside. Resampling to a volume's own grid changes nothing.
/// </summary>
public static class Resampler
{
    // Parallel axes differ by this many voxels after float32 rounding; interpolation is unaffected.
    private const double MostOff = 1e-4;

    /// <summary>An image by trilinear interpolation.</summary>
    /// <param name="image">The image.</param>
    /// <param name="target">The target grid.</param>
    /// <param name="outside">The value beyond the image's field of view.</param>
    public static Volume<float> Linear(Volume<float> image, Grid target, float outside) =>
        Linear(image.Grid, image.Voxels, target, outside);

    /// <summary>An image by trilinear interpolation.</summary>
    /// <param name="grid">The image's grid.</param>
    /// <param name="voxels">Its voxels.</param>
    /// <param name="target">The target grid.</param>
    /// <param name="outside">The value beyond the image's field of view.</param>
    public static Volume<float> Linear(
        Grid grid,
        ReadOnlyMemory<float> voxels,
        Grid target,
        float outside
    )
    {
        var plane = grid.Size.X * grid.Size.Y;
        ReadOnlyMemory<float>[] slices =
        [
            .. Enumerable.Range(0, grid.Size.Z).Select(k => voxels.Slice(k * plane, plane)),
        ];
        return InSourceOrder<float>(
            grid,
            target,
            (sampler, z, slice) => sampler.Linear(slices, z, outside, slice)
        );
    }

    /// <summary>
    /// An image by the cubic B-spline through its voxels, mirrored at the edges: sharper than <see cref="Linear(Volume{float}, Grid, float)"/>, and
    /// it may overshoot at steep ones.
    /// </summary>
    /// <inheritdoc cref="Linear(Volume{float}, Grid, float)"/>
    public static Volume<float> Cubic(Volume<float> image, Grid target, float outside)
    {
        var (source, order) = (image.Grid, AxisOrder.Nearest(target.Affine, image.Grid.Affine));
        var grid = order.Apply(target);
        var map = source.Affine.Inverse() * grid.Affine;
        var voxels = IsDiagonal(map, grid.Size)
            ? CubicSampler.Parallel(
                image.Voxels,
                source.Size,
                [
                    new(source.Size.X, grid.Size.X, map.M00, map.M03),
                    new(source.Size.Y, grid.Size.Y, map.M11, map.M13),
                    new(source.Size.Z, grid.Size.Z, map.M22, map.M23),
                ],
                outside
            )
            : CubicSampler.Oblique(image.Voxels, source.Size, grid.Size, map, outside);
        return Turned(new Volume<float>(grid, voxels), order, target);
    }

    /// <summary>Labels, each from the nearest voxel, 0 beyond the field of view.</summary>
    public static Volume<byte> Nearest(Volume<byte> labels, Grid target) =>
        InSourceOrder<byte>(
            labels.Grid,
            target,
            (sampler, z, slice) => sampler.Nearest(labels.Voxels, z, (byte)0, slice)
        );

    /// <summary>
    /// Labels by one-hot trilinear interpolation and argmax, the lower of equals: smoother borders than
    /// <see cref="Nearest"/> and no new values. 0 beyond the field of view. Ignored voxels have no vote: a voxel is ignored
    /// if they have most of the weight, else it takes the best other label.
    /// </summary>
    public static Volume<byte> OneHotLinear(Volume<byte> labels, Grid target)
    {
        var best = new float[target.Size.Count];
        var result = new byte[best.Length];
        // Ignored voxels come last, since theirs is the highest value.
        foreach (var label in labels.Voxels.Distinct().Order())
        {
            var mask = Array.ConvertAll(labels.Voxels, voxel => voxel == label ? 1f : 0f);
            var weights = Linear(new(labels.Grid, mask), target, label == 0 ? 1 : 0).Voxels;
            for (var i = 0; i < weights.Length; i++)
                if (weights[i] > (label == LabelValue.Ignored ? .5f : best[i]))
                    (best[i], result[i]) = (weights[i], label);
        }
        return new(target, result);
    }

    /// <summary>The sampler for two grids whose axes have the same order: separable if they are parallel.</summary>
    /// <param name="source">The source grid.</param>
    /// <param name="target">The target grid.</param>
    /// <param name="nearest">An axis of parallel grids along which nothing is interpolated.</param>
    internal static SliceSampler Sampler(Grid source, Grid target, int? nearest = null)
    {
        var map = source.Affine.Inverse() * target.Affine;
        return IsDiagonal(map, target.Size)
            ? new ParallelSampler(
                source.Size,
                new(source.Size.X, target.Size.X, map.M00, map.M03, nearest == 0),
                new(source.Size.Y, target.Size.Y, map.M11, map.M13, nearest == 1),
                new(source.Size.Z, target.Size.Z, map.M22, map.M23, nearest == 2)
            )
            : new ObliqueSampler(source.Size, target.Size, map);
    }

    private static bool IsDiagonal(Affine map, Size3 size) =>
        (Math.Abs(map.M10) + Math.Abs(map.M20)) * size.X < MostOff
        && (Math.Abs(map.M01) + Math.Abs(map.M21)) * size.Y < MostOff
        && (Math.Abs(map.M02) + Math.Abs(map.M12)) * size.Z < MostOff;

    private delegate void SampleSlice<T>(SliceSampler sampler, int z, Span<T> slice);

    // Axes in the source's order make the common case, reoriented but parallel, as fast as the plain one.
    private static Volume<T> InSourceOrder<T>(Grid source, Grid target, SampleSlice<T> sample)
        where T : unmanaged
    {
        var order = AxisOrder.Nearest(target.Affine, source.Affine);
        var grid = order.Apply(target);
        var sampler = Sampler(source, grid);
        var voxels = GC.AllocateUninitializedArray<T>(checked((int)grid.Size.Count));
        var length = grid.Size.X * grid.Size.Y;
        Parallel.For(0, grid.Size.Z, z => sample(sampler, z, voxels.AsSpan(z * length, length)));
        return Turned(new Volume<T>(grid, voxels), order, target);
    }

    private static Volume<T> Turned<T>(Volume<T> sampled, AxisOrder order, Grid target)
        where T : unmanaged =>
        (order == AxisOrder.Unchanged ? sampled : order.Inverse.Apply(sampled)) with
        {
            Grid = target,
        };
}
