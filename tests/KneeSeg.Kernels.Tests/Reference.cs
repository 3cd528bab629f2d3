namespace KneeSeg.Kernels.Tests;

/// <summary>Convolutions in double precision as their definition says, and how near a kernel must come.</summary>
internal static class Reference
{
    /// <summary>For every output voxel and tap inside the input: output, input and kernel index.</summary>
    private static (int Output, int Input, int Weight)[] Products(Geometry g)
    {
        if (last.Of != g)
            last = (g, [.. Enumerate(g)]);
        return last.Products;
    }

    // Tests ask for those of one geometry again and again.
    [ThreadStatic]
    private static (Geometry? Of, (int, int, int)[] Products) last;

    private static IEnumerable<(int Output, int Input, int Weight)> Enumerate(Geometry g)
    {
        var size = g.OutputSize;
        for (var o = 0; o < g.Outputs; o++)
        for (var z = 0; z < size.Depth; z++)
        for (var y = 0; y < size.Height; y++)
        for (var x = 0; x < size.Width; x++)
        for (var c = 0; c < g.Inputs; c++)
        for (var kz = 0; kz < g.Kernel.Depth; kz++)
        for (var ky = 0; ky < g.Kernel.Height; ky++)
        for (var kx = 0; kx < g.Kernel.Width; kx++)
        {
            var (iz, iy, ix) = (
                z * g.Stride.Depth + kz - g.Before.Depth,
                y * g.Stride.Height + ky - g.Before.Height,
                x * g.Stride.Width + kx - g.Before.Width
            );
            if (iz < 0 || iz >= g.Size.Depth || iy < 0 || iy >= g.Size.Height)
                continue;
            if (ix < 0 || ix >= g.Size.Width)
                continue;
            yield return (
                Index(o, z, y, x, size),
                Index(c, iz, iy, ix, g.Size),
                Index(o * g.Inputs + c, kz, ky, kx, g.Kernel)
            );
        }
    }

    public static double[] Forward(Geometry g, double[] input, double[] kernel, double[]? bias)
    {
        var output = new double[g.Outputs * (int)g.OutputSize.Voxels];
        for (var i = 0; i < output.Length; i++)
            output[i] = bias?[i / (int)g.OutputSize.Voxels] ?? 0;
        foreach (var (o, i, w) in Products(g))
            output[o] += input[i] * kernel[w];
        return output;
    }

    public static double[] OfInput(Geometry g, double[] gradient, double[] kernel)
    {
        var input = new double[g.Inputs * (int)g.Size.Voxels];
        foreach (var (o, i, w) in Products(g))
            input[i] += gradient[o] * kernel[w];
        return input;
    }

    public static double[] OfKernel(Geometry g, double[] input, double[] gradient)
    {
        var kernel = new double[g.Weights];
        foreach (var (o, i, w) in Products(g))
            kernel[w] += gradient[o] * input[i];
        return kernel;
    }

    /// <summary>Fails unless the relative norm of the difference is small.</summary>
    public static void Near(double[] expected, double[] actual, double tolerance = 1e-6)
    {
        Assert.Equal(expected.Length, actual.Length);
        var (gap, norm) = (0.0, 0.0);
        for (var i = 0; i < expected.Length; i++)
        {
            gap += Math.Pow(expected[i] - actual[i], 2);
            norm += Math.Pow(expected[i], 2);
        }
        Assert.True(
            Math.Sqrt(gap) <= tolerance * Math.Sqrt(norm) + 1e-7,
            $"differs by {Math.Sqrt(gap)} of {Math.Sqrt(norm)}"
        );
    }

    public static int Index(int channel, int z, int y, int x, Extent size) =>
        ((channel * size.Depth + z) * size.Height + y) * size.Width + x;
}
