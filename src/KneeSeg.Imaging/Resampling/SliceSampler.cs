namespace KneeSeg.Imaging.Resampling;

/// <summary>Interpolates one slice of a target grid at a time from voxels on a source grid.</summary>
internal abstract class SliceSampler
{
    private const double VoxelsOff = 1e-4;

    /// <summary>The target's slices have this many voxels.</summary>
    public required int SliceLength { get; init; }

    /// <summary>The sampler for two grids whose axes have the same order: separable if they are parallel.</summary>
    public static SliceSampler Between(Grid source, Grid target)
    {
        var map = source.Affine.Inverse() * target.Affine;
        var length = target.Size.X * target.Size.Y;
        if (!IsDiagonal(map, target.Size))
            return new ObliqueSampler(source.Size, target.Size, map) { SliceLength = length };
        return new ParallelSampler(
            source.Size,
            new(source.Size.X, target.Size.X, map.M00, map.M03),
            new(source.Size.Y, target.Size.Y, map.M11, map.M13),
            new(source.Size.Z, target.Size.Z, map.M22, map.M23)
        )
        {
            SliceLength = length,
        };
    }

    /// <summary>Trilinear interpolation; <paramref name="outside" /> beyond the source's field of view.</summary>
    /// <param name="source">The source's slices; those that slice <paramref name="z" /> does not touch may be missing.</param>
    /// <param name="z">Which of the target's slices.</param>
    /// <param name="outside">The value beyond the source's field of view.</param>
    /// <param name="slice">Receives the result.</param>
    public abstract void Linear(
        ReadOnlyMemory<float>[] source,
        int z,
        float outside,
        Span<float> slice
    );

    /// <summary>The nearest voxel; <paramref name="outside" /> beyond the source's field of view.</summary>
    public abstract void Nearest<T>(ReadOnlySpan<T> source, int z, T outside, Span<T> slice);

    // Parallel axes differ by this much after float32 rounding; interpolation is unaffected.
    internal static bool IsDiagonal(Affine map, Size3 size) =>
        (Math.Abs(map.M10) + Math.Abs(map.M20)) * size.X < VoxelsOff
        && (Math.Abs(map.M01) + Math.Abs(map.M21)) * size.Y < VoxelsOff
        && (Math.Abs(map.M02) + Math.Abs(map.M12)) * size.Z < VoxelsOff;
}
