using System.Numerics.Tensors;
using KneeSeg.Data;

namespace KneeSeg.Inference;

/// <summary>How probable each class is in each voxel of a volume in model space.</summary>
/// <param name="Size">The volume.</param>
/// <param name="Maps">By class, background first: [depth, height, width].</param>
public sealed record ClassMaps(ModelSize Size, float[][] Maps)
{
    /// <summary>Maps that say nothing yet.</summary>
    internal static ClassMaps Empty(int classes, ModelSize size) =>
        new(size, [.. Enumerable.Range(0, classes).Select(_ => new float[size.Count])]);

    /// <summary>The most probable class of each voxel, [depth, height, width]; of equals the first.</summary>
    public byte[] Labels()
    {
        var labels = new byte[Size.Count];
        var best = (float[])Maps[0].Clone();
        for (var label = 1; label < Maps.Length; label++)
        {
            var map = Maps[label];
            for (var i = 0; i < map.Length; i++)
                if (map[i] > best[i])
                    (best[i], labels[i]) = (map[i], (byte)label);
        }
        return labels;
    }

    /// <summary>Adds what the network says in a window, by the window's shares.</summary>
    /// <param name="window">The window.</param>
    /// <param name="said">[class, depth, height, width] of what it writes.</param>
    internal void Add(Window window, ReadOnlySpan<float> said)
    {
        var (depths, heights, widths) = (
            window.Depth.Shares,
            window.Height.Shares,
            window.Width.Shares
        );
        var left = Math.Max(0, -window.Width.Write);
        var length = Math.Min(widths.Length, Size.Width - window.Width.Write) - left;
        var shares = new float[length];
        for (var d = 0; d < depths.Length; d++)
        for (var h = 0; h < heights.Length; h++)
        {
            var share = depths[d] * heights[h];
            // Only outside the volume.
            if (share == 0)
                continue;
            TensorPrimitives.Multiply(widths.AsSpan(left, length), share, shares);
            var row = (window.Depth.Write + d) * Size.Height + window.Height.Write + h;
            var to = row * Size.Width + window.Width.Write + left;
            for (var label = 0; label < Maps.Length; label++)
            {
                var from =
                    ((label * depths.Length + d) * heights.Length + h) * widths.Length + left;
                var sum = Maps[label].AsSpan(to, length);
                TensorPrimitives.MultiplyAdd(said.Slice(from, length), shares, sum, sum);
            }
        }
    }
}
