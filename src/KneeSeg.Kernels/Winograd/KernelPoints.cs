using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace KneeSeg.Kernels.Winograd;

/// <summary>The points of a kernel, and its gradient from theirs.</summary>
/// <param name="inputs">Channels C.</param>
/// <param name="outputs">Channels O.</param>
/// <param name="depth">1 or 3.</param>
[SkipLocalsInit]
internal sealed unsafe class KernelPoints(int inputs, int outputs, int depth)
{
    private readonly Strides step = Strides.Of(Extent.All(3), depth == 3);

    /// <summary>How many points a tile has.</summary>
    public int Count => IsDeep ? DeepTransforms.Points * Transforms.Plane : Transforms.Plane;

    /// <summary>Floats of all points.</summary>
    public long Weights => Count * PointOfWeights;

    /// <summary>Floats of the gradients of all points, of one part of a map.</summary>
    public long Sums => Count * PointOfSums;

    // The line between points keeps them from falling into the same set of a cache.

    /// <summary>Floats from a point to the next.</summary>
    public nint PointOfWeights { get; } = (nint)ChannelBlock.Count(outputs) * inputs * 16 + 16;

    /// <summary>Floats from the gradient of a point to the next.</summary>
    public nint PointOfSums { get; } =
        (nint)ChannelBlock.Count(outputs) * ChannelBlock.Count(inputs) * 256 + 16;

    private bool IsDeep => depth == 3;

    /// <summary>The points of a block of outputs.</summary>
    /// <param name="kernel"><c>[taps, C, O]</c>.</param>
    /// <param name="isMirrored">Whether taps are taken in reverse.</param>
    /// <param name="block">Of 16 outputs.</param>
    /// <param name="points">Gets them, each <c>[block of O, C, 16]</c>.</param>
    public void Transform(float* kernel, bool isMirrored, int block, float* points)
    {
        var last = isMirrored ? 9 * depth - 1 : 0;
        var isHalf = ChannelBlock.IsHalf(block, outputs);
        var planes = stackalloc V[3 * Transforms.Plane];
        var rows = stackalloc V[12];
        for (var c = 0; c < inputs; c++)
        {
            for (var z = 0; z < depth; z++)
            {
                for (var y = 0; y < 3; y++)
                    (rows[4 * y], rows[4 * y + 1], rows[4 * y + 2], rows[4 * y + 3]) =
                        Transforms.Weights(Tap(z, y, 0), Tap(z, y, 1), Tap(z, y, 2));
                var plane = planes + z * Transforms.Plane;
                for (var x = 0; x < 4; x++)
                    (plane[x], plane[4 + x], plane[8 + x], plane[12 + x]) = Transforms.Weights(
                        rows[x],
                        rows[4 + x],
                        rows[8 + x]
                    );
            }
            var to = points + ((nint)block * inputs + c) * 16;
            if (IsDeep)
                DeepTransforms.Weights(planes, to, PointOfWeights);
            else
                for (var i = 0; i < Transforms.Plane; i++)
                    planes[i].Store(to + i * PointOfWeights);

            V Tap(int z, int y, int x) =>
                ChannelBlock.Load(
                    kernel
                        + ((nint)Math.Abs(last - (int)step.At(z, y, x)) * inputs + c) * outputs
                        + block * 16,
                    isHalf
                );
        }
    }

    /// <summary>The gradient of a block of outputs.</summary>
    /// <param name="sums">The gradients of the points, each <c>[block of O, C in blocks of 16, 16]</c>, of all parts of a map.</param>
    /// <param name="parts">How many; they are added in their order.</param>
    /// <param name="block">Of 16 outputs.</param>
    /// <param name="ofKernel">Gets it, <c>[taps, C, O]</c>.</param>
    public void Gradient(float* sums, int parts, int block, float* ofKernel)
    {
        var isHalf = ChannelBlock.IsHalf(block, outputs);
        var numbers = stackalloc V[DeepTransforms.Points * Transforms.Plane];
        for (var c = 0; c < inputs; c++)
        {
            var from = sums + ((nint)block * ChannelBlock.Count(inputs) * 16 + c) * 16;
            for (var point = 0; point < Count; point++, from += PointOfSums)
                numbers[point] = SumOfParts(from, parts);
            if (IsDeep)
                DeepTransforms.WeightGradients(numbers);
            for (var z = 0; z < depth; z++)
            {
                var plane = numbers + z * Transforms.Plane;
                for (var x = 0; x < 4; x++)
                    (plane[x], plane[4 + x], plane[8 + x]) = Transforms.WeightGradients(
                        plane[x],
                        plane[4 + x],
                        plane[8 + x],
                        plane[12 + x]
                    );
                for (var y = 0; y < 3; y++)
                {
                    var (w0, w1, w2) = Transforms.WeightGradients(
                        plane[4 * y],
                        plane[4 * y + 1],
                        plane[4 * y + 2],
                        plane[4 * y + 3]
                    );
                    var to = ofKernel + (step.At(z, y, 0) * inputs + c) * outputs + block * 16;
                    var next = step.Width * inputs * outputs;
                    ChannelBlock.Store(w0, to, isHalf);
                    ChannelBlock.Store(w1, to + next, isHalf);
                    ChannelBlock.Store(w2, to + 2 * next, isHalf);
                }
            }
        }
    }

    private V SumOfParts(float* from, int parts)
    {
        var (low, high) = Vector512.Widen(Vector512.Load(from));
        for (var part = 1; part < parts; part++)
        {
            var (nextLow, nextHigh) = Vector512.Widen(Vector512.Load(from += Sums));
            (low, high) = (low + nextLow, high + nextHigh);
        }
        return Vector512.Narrow(low, high);
    }
}
