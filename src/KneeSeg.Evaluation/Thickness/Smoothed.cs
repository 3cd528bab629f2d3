using KneeSeg.Imaging;

namespace KneeSeg.Evaluation;

/// <summary>A mask blurred by a Gaussian, whose slope tells where the inside is, steps of voxels evened out.</summary>
internal sealed class Smoothed
{
    private readonly float[] values;
    private readonly Size3 size;

    /// <summary>Blurs a mask; beyond its box is outside.</summary>
    /// <param name="mask">The first axis fastest.</param>
    /// <param name="size">Voxels along each axis.</param>
    /// <param name="spacing">Millimetres from voxel to voxel along each axis.</param>
    /// <param name="sigma">The Gaussian's standard deviation in mm.</param>
    public Smoothed(bool[] mask, Size3 size, Spacing3 spacing, double sigma)
    {
        this.size = size;
        values = Array.ConvertAll(mask, inside => inside ? 1f : 0f);
        int[] strides = [1, size.X, size.X * size.Y];
        for (var axis = 0; axis < 3; axis++)
            Blur(axis, strides, Kernel(sigma / spacing[axis]));
    }

    /// <summary>The slope at a voxel, which may be one beyond the box, in 1/voxel along each axis.</summary>
    public Point3 Slope(int i, int j, int k) =>
        new(
            (At(i + 1, j, k) - At(i - 1, j, k)) / 2,
            (At(i, j + 1, k) - At(i, j - 1, k)) / 2,
            (At(i, j, k + 1) - At(i, j, k - 1)) / 2
        );

    private float At(int i, int j, int k) =>
        (uint)i < (uint)size.X && (uint)j < (uint)size.Y && (uint)k < (uint)size.Z
            ? values[i + size.X * (j + size.Y * k)]
            : 0;

    private static float[] Kernel(double sigma)
    {
        var reach = (int)Math.Ceiling(3 * sigma);
        float[] weights =
        [
            .. Enumerable
                .Range(-reach, 2 * reach + 1)
                .Select(n => (float)Math.Exp(-n * n / (2 * sigma * sigma))),
        ];
        var sum = weights.Sum();
        return Array.ConvertAll(weights, weight => weight / sum);
    }

    // Each line is copied out with a margin of outside, and written back blurred.
    private void Blur(int axis, int[] strides, float[] kernel)
    {
        var (stride, length, reach) = (strides[axis], size[axis], kernel.Length / 2);
        var (inner, outer) = axis switch
        {
            0 => (1, 2),
            1 => (0, 2),
            _ => (0, 1),
        };
        Parallel.For(
            0,
            size[outer],
            () => new float[length + 2 * reach],
            (o, _, line) =>
            {
                for (var n = 0; n < size[inner]; n++)
                {
                    var start = o * strides[outer] + n * strides[inner];
                    for (var i = 0; i < length; i++)
                        line[reach + i] = values[start + i * stride];
                    for (var i = 0; i < length; i++)
                    {
                        var sum = 0f;
                        for (var w = 0; w < kernel.Length; w++)
                            sum += kernel[w] * line[i + w];
                        values[start + i * stride] = sum;
                    }
                }
                return line;
            },
            _ => { }
        );
    }
}
