namespace KneeSeg.Imaging.Resampling;

/// <summary>Grids at any angle: every voxel is mapped on its own.</summary>
internal sealed class ObliqueSampler(Size3 source, Size3 target, Affine toSource) : SliceSampler
{
    /// <inheritdoc />
    public override void Linear(
        ReadOnlyMemory<float>[] slices,
        int z,
        float outside,
        Span<float> slice
    )
    {
        for (var n = 0; n < slice.Length; n++)
            slice[n] =
                toSource.Apply(n % target.X, n / target.X, z) is var index && IsInside(index)
                    ? Interpolate(slices, index)
                    : outside;
    }

    /// <inheritdoc />
    public override void Nearest<T>(ReadOnlySpan<T> voxels, int z, T outside, Span<T> slice)
    {
        for (var n = 0; n < slice.Length; n++)
        {
            var index = toSource.Apply(n % target.X, n / target.X, z);
            slice[n] = IsInside(index)
                ? voxels[
                    Whole(index.X, source.X)
                        + source.X
                            * (Whole(index.Y, source.Y) + source.Y * Whole(index.Z, source.Z))
                ]
                : outside;
        }
    }

    private bool IsInside(Point3 index) =>
        AxisSampling.IsInside(index.X, source.X)
        && AxisSampling.IsInside(index.Y, source.Y)
        && AxisSampling.IsInside(index.Z, source.Z);

    private static int Whole(double index, int size) =>
        Math.Clamp((int)Math.Floor(AxisSampling.Snapped(index) + 0.5), 0, size - 1);

    private float Interpolate(ReadOnlyMemory<float>[] slices, Point3 index)
    {
        var x = Neighbors(index.X, source.X);
        var (j0, j1, y) = Neighbors(index.Y, source.Y);
        var (k0, k1, z) = Neighbors(index.Z, source.Z);
        var before = slices[k0].Span;
        var after = slices[k1].Span;
        var lower = Blend(Along(before, x, j0), Along(before, x, j1), y);
        var upper = Blend(Along(after, x, j0), Along(after, x, j1), y);
        return Blend(lower, upper, z);
    }

    private float Along(ReadOnlySpan<float> plane, (int Lower, int Upper, float Weight) x, int j) =>
        Blend(plane[source.X * j + x.Lower], plane[source.X * j + x.Upper], x.Weight);

    private static (int Lower, int Upper, float Weight) Neighbors(double index, int size)
    {
        var clamped = Math.Clamp(AxisSampling.Snapped(index), 0, size - 1);
        var lower = (int)clamped;
        return (lower, Math.Min(lower + 1, size - 1), (float)(clamped - lower));
    }

    private static float Blend(float a, float b, float weight) =>
        weight == 0 ? a : a + weight * (b - a);
}
