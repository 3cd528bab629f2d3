using KneeSeg.Data.Preprocessing;

namespace KneeSeg.Data.Augmenting;

/// <summary>Trilinear interpolation of a channel of a case's image; its minimum intensity outside.</summary>
internal readonly ref struct TrilinearSampler(PreprocessedCase source, int channel)
{
    private readonly ReadOnlySpan<float> voxels = source.Channel(channel).Span;
    private readonly ModelSize size = source.Size;
    private readonly float outside = source.MinIntensities[channel];

    /// <summary>The value at a position, in voxels along depth, height and width.</summary>
    public float At(double d, double h, double w)
    {
        var (i, j, k) = ((int)Math.Floor(d), (int)Math.Floor(h), (int)Math.Floor(w));
        var (a, b, c) = ((float)(d - i), (float)(h - j), (float)(w - k));
        if ((uint)i >= size.Depth - 1 || (uint)j >= size.Height - 1 || (uint)k >= size.Width - 1)
            return Between(Face(i, j, k, b, c), Face(i + 1, j, k, b, c), a);
        var (row, slice) = (size.Width, size.Height * size.Width);
        var v = voxels.Slice((i * size.Height + j) * size.Width + k, slice + row + 2);
        return Between(
            Between(Between(v[0], v[1], c), Between(v[row], v[row + 1], c), b),
            Between(
                Between(v[slice], v[slice + 1], c),
                Between(v[slice + row], v[slice + row + 1], c),
                b
            ),
            a
        );
    }

    private float Face(int i, int j, int k, float b, float c) =>
        Between(
            Between(Voxel(i, j, k), Voxel(i, j, k + 1), c),
            Between(Voxel(i, j + 1, k), Voxel(i, j + 1, k + 1), c),
            b
        );

    private float Voxel(int i, int j, int k) =>
        (uint)i < size.Depth && (uint)j < size.Height && (uint)k < size.Width
            ? voxels[(i * size.Height + j) * size.Width + k]
            : outside;

    private static float Between(float a, float b, float share) => a + share * (b - a);
}
