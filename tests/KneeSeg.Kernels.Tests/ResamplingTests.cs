using FsCheck.Xunit;

namespace KneeSeg.Kernels.Tests;

/// <summary>Upsampling and pooling of random sizes against their definitions.</summary>
[Properties(MaxTest = 30)]
public sealed unsafe class ResamplingTests
{
    private static readonly PoolWorkers Workers = new(2);

    private static Extent Draw(Random random, int least, int most) =>
        Extent.Of(_ => random.Next(least, most + 1));

    private static (Extent Size, Window Window) AnyWindow(Random random)
    {
        var kernel = Draw(random, 1, 3);
        var padding = Extent.Of(axis => random.Next(kernel[axis] / 2 + 1));
        var window = new Window(kernel, Draw(random, 1, 3), padding, padding);
        return (Extent.Of(axis => kernel[axis] + random.Next(axis == 2 ? 30 : 7)), window);
    }

    [Property]
    public void Nearest_upsampling_repeats_each_voxel(int seed)
    {
        var random = new Random(seed);
        var (size, factor) = (Draw(random, 1, 9), Draw(random, 1, 3));
        using var input = new NativeMaps(2, size, random);
        var resampling = Resampling.Nearest(size, factor);
        using var output = new NativeMaps(2, resampling.Size);
        resampling.Run(Workers, input.Maps, output.Maps);
        Assert.Equal(
            Voxels(2, resampling.Size)
                .Select(v =>
                    input.Floats[
                        Reference.Index(
                            v.C,
                            v.Z / factor.Depth,
                            v.Y / factor.Height,
                            v.X / factor.Width,
                            size
                        )
                    ]
                ),
            output.Floats
        );
    }

    [Property]
    public void Linear_upsampling_meets_a_ramp_between_the_outermost_centers(
        int seed,
        bool alignCorners
    )
    {
        var random = new Random(seed);
        var (size, factor) = (Draw(random, 2, 9), Draw(random, 1, 3));
        using var input = new NativeMaps(1, size);
        double Ramp(double z, double y, double x) => 3 + z - 0.5 * y + 0.25 * x;
        foreach (var v in Voxels(1, size))
            input.Start[Reference.Index(0, v.Z, v.Y, v.X, size)] = (float)Ramp(v.Z, v.Y, v.X);
        var resampling = Resampling.Linear(size, factor, alignCorners);
        using var output = new NativeMaps(1, resampling.Size);
        resampling.Run(Workers, input.Maps, output.Maps);
        double At(int index, int axis) =>
            alignCorners
                ? index * (size[axis] - 1.0) / (resampling.Size[axis] - 1)
                : Math.Clamp((index + 0.5) / factor[axis] - 0.5, 0, size[axis] - 1);
        Reference.Near(
            [.. Voxels(1, resampling.Size).Select(v => Ramp(At(v.Z, 0), At(v.Y, 1), At(v.X, 2)))],
            output.Values
        );
    }

    [Property]
    public void Average_pooling_does_not_count_padding(int seed)
    {
        var random = new Random(seed);
        var (size, window) = AnyWindow(random);
        using var input = new NativeMaps(2, size, random);
        var resampling = Resampling.Average(size, window);
        using var output = new NativeMaps(2, resampling.Size);
        resampling.Run(Workers, input.Maps, output.Maps);
        Reference.Near(
            [
                .. Voxels(2, resampling.Size)
                    .Select(v => Inside(v, window, size).Average(i => input.Values[i])),
            ],
            output.Values
        );
    }

    [Property]
    public void The_gradient_of_a_resampling_is_its_transpose(int seed)
    {
        var random = new Random(seed);
        var (size, window) = AnyWindow(random);
        var factor = Draw(random, 1, 3);
        foreach (
            var resampling in new[]
            {
                Resampling.Nearest(size, factor),
                Resampling.Linear(size, factor, alignCorners: true),
                Resampling.Linear(size, factor, alignCorners: false),
                Resampling.Average(size, window),
            }
        )
        {
            using var input = new NativeMaps(1, size, random);
            using var output = new NativeMaps(1, resampling.Size);
            using var gradient = new NativeMaps(1, resampling.Size, random);
            using var ofInput = new NativeMaps(1, size);
            resampling.Run(Workers, input.Maps, output.Maps);
            resampling.Transposed.Run(Workers, gradient.Maps, ofInput.Maps);
            double Product(NativeMaps a, NativeMaps b) =>
                a.Values.Zip(b.Values, (x, y) => x * y).Sum();
            Assert.Equal(
                Product(output, gradient),
                Product(input, ofInput),
                1e-5 * gradient.Values.Sum(Math.Abs)
            );
        }
    }

    [Property]
    public void Max_pooling_takes_the_first_maximum_of_each_window(int seed)
    {
        var random = new Random(seed);
        var (size, window) = AnyWindow(random);
        using var input = new NativeMaps(2, size, random);
        // Ties, and numbers that are none.
        for (var i = 0; i < 2 * size.Voxels; i++)
            input.Start[i] = random.Next(40) == 0 ? float.NaN : random.Next(4);
        using var output = new NativeMaps(2, window.OutputSize(size));
        using var gradient = new NativeMaps(2, window.OutputSize(size), random);
        using var ofInput = new NativeMaps(2, size);
        var pooling = new MaxPooling(window);
        pooling.Forward(Workers, input.Maps, output.Maps);
        pooling.Backward(Workers, input.Maps, gradient.Maps, ofInput.Maps);

        var values = input.Floats;
        var most = Voxels(2, output.Maps.Size)
            .Select(v =>
                Inside(v, window, size)
                    .Aggregate(
                        (a, b) =>
                            values[b] > values[a]
                            || float.IsNaN(values[b]) && !float.IsNaN(values[a])
                                ? b
                                : a
                    )
            )
            .ToArray();
        Assert.Equal(most.Select(i => values[i]), output.Floats);
        var expected = new double[values.Length];
        foreach (var (index, given) in most.Zip(gradient.Values))
            expected[index] += given;
        Reference.Near(expected, ofInput.Values);
    }

    private static IEnumerable<(int C, int Z, int Y, int X)> Voxels(int channels, Extent size) =>
        from c in Enumerable.Range(0, channels)
        from tap in Geometry.Within(size)
        select (c, tap.Depth, tap.Height, tap.Width);

    private static IEnumerable<int> Inside(
        (int C, int Z, int Y, int X) v,
        Window window,
        Extent size
    ) =>
        from tap in Geometry.Within(window.Kernel)
        let z = v.Z * window.Stride.Depth + tap.Depth - window.Before.Depth
        let y = v.Y * window.Stride.Height + tap.Height - window.Before.Height
        let x = v.X * window.Stride.Width + tap.Width - window.Before.Width
        where z >= 0 && y >= 0 && x >= 0 && z < size.Depth && y < size.Height && x < size.Width
        select Reference.Index(v.C, z, y, x, size);
}
