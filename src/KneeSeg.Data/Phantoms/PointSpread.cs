namespace KneeSeg.Data.Phantoms;

/// <summary>
/// The scanner's blur, which is a length in mm and so does not depend on the voxels: along each axis
/// every voxel takes a share of its two neighbors; those at the ends stay.
/// </summary>
internal static class PointSpread
{
    /// <summary>Blurs a volume in place.</summary>
    /// <param name="voxels">First axis fastest.</param>
    /// <param name="size">Voxels along each axis.</param>
    /// <param name="spacing">Of the voxels, mm.</param>
    /// <param name="deviation">Of the blur along each axis, mm.</param>
    public static void Blur(
        float[] voxels,
        Imaging.Size3 size,
        ReadOnlySpan<double> spacing,
        ReadOnlySpan<double> deviation
    )
    {
        var plane = size.X * size.Y;
        var (x, y, z) = (
            Share(spacing[0], deviation[0]),
            Share(spacing[1], deviation[1]),
            Share(spacing[2], deviation[2])
        );
        Parallel.For(
            0,
            size.Z,
            k =>
            {
                var slice = voxels.AsSpan(k * plane, plane);
                for (var j = 0; j < size.Y; j++)
                    Lines(slice.Slice(j * size.X, size.X), 1, size.X, x);
                Lines(slice, size.X, size.Y, y);
            }
        );
        Parallel.For(0, size.Y, j => Lines(voxels.AsSpan(j * size.X), size.X, plane, size.Z, z));
    }

    private static float Share(double spacing, double deviation)
    {
        var weight = Math.Exp(-.5 * Math.Pow(spacing / deviation, 2));
        return (float)(weight / (1 + 2 * weight));
    }

    private static void Lines(Span<float> voxels, int stride, int count, float share) =>
        Lines(voxels, stride, stride, count, share);

    // Blurs `width` neighboring lines whose voxels are `stride` apart.
    private static void Lines(Span<float> voxels, int width, int stride, int count, float share)
    {
        Span<float> before = width <= 512 ? stackalloc float[width] : new float[width];
        if (count < 3)
            return;
        voxels[..width].CopyTo(before);
        for (var n = 1; n < count - 1; n++)
        {
            var here = voxels.Slice(n * stride, width);
            var after = voxels.Slice((n + 1) * stride, width);
            for (var i = 0; i < width; i++)
            {
                var value = here[i];
                here[i] = value * (1 - 2 * share) + share * (before[i] + after[i]);
                before[i] = value;
            }
        }
    }
}
