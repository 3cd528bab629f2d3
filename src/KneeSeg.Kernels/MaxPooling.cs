using System.Runtime.CompilerServices;

namespace KneeSeg.Kernels;

/// <summary>The windows of a pooling, and their padding.</summary>
internal readonly record struct Window(Extent Kernel, Extent Stride, Extent Before, Extent After)
{
    public Extent OutputSize(Extent size)
    {
        var (kernel, stride, padding) = (Kernel, Stride, (Before, After));
        return Extent.Of(axis =>
            (size[axis] + padding.Before[axis] + padding.After[axis] - kernel[axis]) / stride[axis]
            + 1
        );
    }

    /// <summary>The first index of a window inside the map, and the one behind its last.</summary>
    public (int First, int End) Range(int axis, int index, int length)
    {
        var first = index * Stride[axis] - Before[axis];
        return (Math.Max(0, first), Math.Min(length, first + Kernel[axis]));
    }

    /// <summary>Whether no voxel is in two windows.</summary>
    public bool IsDisjoint =>
        Kernel.Depth <= Stride.Depth
        && Kernel.Height <= Stride.Height
        && Kernel.Width <= Stride.Width;
}

/// <summary>Max pooling, padded with minus infinity; NaN counts as the largest.</summary>
internal sealed class MaxPooling(Window window)
{
    /// <summary>output = the maximum of each window.</summary>
    public unsafe void Forward(IWorkers workers, Maps input, Maps output)
    {
        for (var channel = 0; channel < input.Count; channel++)
        {
            var read = input[channel];
            var written = output[channel];
            Slab.Run(
                workers,
                output.Size.Depth,
                output.Size.Height,
                [],
                (slab, _) =>
                    ForWindows(
                        slab,
                        read,
                        input.Size,
                        output.Size,
                        (at, index) => written[at] = read[index]
                    )
            );
        }
    }

    /// <summary>The gradient of the input: each window's goes to its first maximum.</summary>
    public unsafe void Backward(IWorkers workers, Maps input, Maps gradient, Maps ofInput)
    {
        for (var channel = 0; channel < input.Count; channel++)
        {
            var read = input[channel];
            var given = gradient[channel];
            var written = ofInput[channel];
            new Span<float>(written, (int)input.Size.Voxels).Clear();
            void Windows(Slab slab) =>
                ForWindows(
                    slab,
                    read,
                    input.Size,
                    gradient.Size,
                    (at, index) => written[index] += given[at]
                );
            if (window.IsDisjoint)
                Slab.Run(
                    workers,
                    gradient.Size.Depth,
                    gradient.Size.Height,
                    [],
                    (slab, _) => Windows(slab)
                );
            else
                Windows(new(0, gradient.Size.Depth, 0, gradient.Size.Height));
        }
    }

    private delegate void Found(nint output, nint input);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void ForWindows(Slab slab, float* input, Extent size, Extent pooled, Found found)
    {
        for (var z = slab.Front; z < slab.Back; z++)
        for (var y = slab.Top; y < slab.Bottom; y++)
        {
            var (front, back) = window.Range(0, z, size.Depth);
            var (top, bottom) = window.Range(1, y, size.Height);
            for (var x = 0; x < pooled.Width; x++)
            {
                var left = Math.Max(0, x * window.Stride.Width - window.Before.Width);
                var right = Math.Min(
                    size.Width,
                    x * window.Stride.Width - window.Before.Width + window.Kernel.Width
                );
                var index = front * size.Plane + (nint)top * size.Width + left;
                var most = input[index];
                for (var plane = front; plane < back; plane++)
                for (var row = top; row < bottom; row++)
                {
                    var line = plane * size.Plane + (nint)row * size.Width;
                    // A NaN is not at most anything, and stays.
                    for (var at = line + left; at < line + right; at++)
                        if (!(input[at] <= most) && !float.IsNaN(most))
                            (most, index) = (input[at], at);
                }
                found(z * pooled.Plane + (nint)y * pooled.Width + x, index);
            }
        }
    }
}
