namespace KneeSeg.Imaging;

/// <summary>Grids at any angle: every voxel is mapped on its own.</summary>
internal sealed class ObliqueSampler(Size3 source, Size3 target, Affine toSource) : SliceSampler
{
    /// <inheritdoc />
    public override void Linear(ReadOnlySpan<float> voxels, int z, float outside, Span<float> slice)
    {
        for (var n = 0; n < slice.Length; n++)
            slice[n] =
                toSource.Apply(n % target.X, n / target.X, z) is var index && IsInside(index)
                    ? Interpolate(voxels, index)
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

    private float Interpolate(ReadOnlySpan<float> voxels, Point3 index)
    {
        var x = Neighbours(index.X, source.X);
        var (j0, j1, y) = Neighbours(index.Y, source.Y);
        var (k0, k1, z) = Neighbours(index.Z, source.Z);
        var lower = Blend(Along(voxels, x, j0, k0), Along(voxels, x, j1, k0), y);
        var upper = Blend(Along(voxels, x, j0, k1), Along(voxels, x, j1, k1), y);
        return Blend(lower, upper, z);
    }

    private float Along(
        ReadOnlySpan<float> voxels,
        (int Lower, int Upper, float Weight) x,
        int j,
        int k
    )
    {
        var row = source.X * (j + source.Y * k);
        return Blend(voxels[row + x.Lower], voxels[row + x.Upper], x.Weight);
    }

    private static (int Lower, int Upper, float Weight) Neighbours(double index, int size)
    {
        var clamped = Math.Clamp(AxisSampling.Snapped(index), 0, size - 1);
        var lower = (int)clamped;
        return (lower, Math.Min(lower + 1, size - 1), (float)(clamped - lower));
    }

    private static float Blend(float a, float b, float weight) =>
        weight == 0 ? a : a + weight * (b - a);
}
