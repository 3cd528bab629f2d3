using System.Numerics.Tensors;
using KneeSeg.Data;
using KneeSeg.Imaging.Resampling;
using KneeSeg.Inference.Tiling;

namespace KneeSeg.Inference;

/// <summary>
/// Weighted sums of window outputs for the unfinished slices, as many as a window is deep.
/// </summary>
/// <param name="classes">The number of classes.</param>
/// <param name="depth">The slices of the deepest window's output.</param>
/// <param name="volume">The volume in model space.</param>
internal sealed class WeightedAccumulator(int classes, int depth, ModelSize volume) : IDisposable
{
    private readonly NativeBuffer<float>[] maps =
    [
        .. Enumerable
            .Range(0, classes)
            .Select(_ => new NativeBuffer<float>(checked(depth * volume.Height * volume.Width))),
    ];

    private int first;

    /// <summary>Adds the weighted output of a window.</summary>
    /// <param name="window">The window; its output has at most <c>depth</c> slices from the first unfinished one.</param>
    /// <param name="probabilities">[class, depth, height, width].</param>
    /// <param name="size">The last three sizes of the probabilities.</param>
    public void Add(Window window, ReadOnlySpan<float> probabilities, ModelSize size)
    {
        var (depths, heights, widths) = (window.Depth, window.Height, window.Width);
        var length = widths.Weights.Length;
        var weights = new float[length];
        for (var d = 0; d < depths.Weights.Length; d++)
        for (var h = 0; h < heights.Weights.Length; h++)
        {
            TensorPrimitives.Multiply(
                widths.Weights,
                depths.Weights[d] * heights.Weights[h],
                weights
            );
            var row = (depths.OutputOffset + d - first) * volume.Height + heights.OutputOffset + h;
            var to = row * volume.Width + widths.OutputOffset;
            for (var label = 0; label < classes; label++)
            {
                var from =
                    ((label * size.Depth + depths.Skip + d) * size.Height + heights.Skip + h)
                        * size.Width
                    + widths.Skip;
                var sum = maps[label].GetSpan().Slice(to, length);
                TensorPrimitives.MultiplyAdd(probabilities.Slice(from, length), weights, sum, sum);
            }
        }
    }

    /// <summary>The finished slices; valid until <see cref="Discard" />.</summary>
    /// <param name="end">The first slice that is not finished.</param>
    public SliceRange Finished(int end)
    {
        var length = (end - first) * volume.Height * volume.Width;
        return new(
            first,
            end - first,
            Array.ConvertAll(maps, map => (ReadOnlyMemory<float>)map.Memory[..length])
        );
    }

    /// <summary>Discards finished slices.</summary>
    /// <param name="end">The first slice that is kept.</param>
    public void Discard(int end)
    {
        var length = (end - first) * volume.Height * volume.Width;
        foreach (var map in maps)
        {
            var sums = map.GetSpan();
            sums[length..].CopyTo(sums);
            sums[^length..].Clear();
        }
        first = end;
    }

    /// <summary>Frees the sums.</summary>
    public void Dispose()
    {
        foreach (IDisposable map in maps)
            map.Dispose();
    }
}
