using KneeSeg.Dsl;
using KneeSeg.Torch.Layers;

namespace KneeSeg.Onnx.Operators;

/// <summary>
/// Attention inside windows of a map of a fixed size. Values are <c>[N, (D,) H, W, C]</c> until they are cut into windows.
/// </summary>
/// <param name="layer">The layer.</param>
/// <param name="op">The attention.</param>
/// <param name="size">The map's size.</param>
internal sealed class WindowAttention(OnnxLayer layer, AttentionOp op, int[] size)
{
    // Added to the scores of voxels that are no neighbors, as when training.
    private const float Apart = -100;

    private readonly WindowGrid grid = new(Array.ConvertAll(size, length => (long)length), op);
    private readonly int axes = size.Length;

    private long Windows => grid.Count.Aggregate((a, b) => a * b);

    // Of the windows together, along each axis.
    private long[] Whole => [.. grid.Count.Zip(grid.Window, (count, extent) => count * extent)];

    /// <summary>Writes it.</summary>
    public string Write()
    {
        var (heads, width) = (op.Heads, op.Channels / op.Heads);
        var padded = Padded(layer.ChannelsLast(layer.Input));
        var biased = layer.Step("biased", "Add", [padded, layer.Weight("bias")]);
        var moved = Rolled("moved", biased, grid.Shift);
        // [N, window, voxel, part, head, channel]
        var parts = layer.Reshape("parts", Split(moved), 0, Windows, grid.Voxels, 3, heads, width);
        string Part(int part, string name, params int[] order) =>
            layer.Transpose(
                name,
                Attention.Part(layer, $"{name} by voxel", parts, part, axis: 3),
                order
            );
        var attended = Attention.Between(
            layer,
            Part(0, "query", 0, 1, 3, 2, 4),
            Part(1, "key", 0, 1, 3, 4, 2),
            Part(2, "value", 0, 1, 3, 2, 4),
            width,
            Added()
        );
        var joined = Join(layer.Transpose("by window", attended, 0, 1, 3, 2, 4));
        long[] back = [.. grid.Shift.Zip(Whole, (by, whole) => by == 0 ? 0 : whole - by)];
        return layer.FromChannelsLast(Cropped(Rolled("moved back", joined, back)));
    }

    private string Padded(string voxels)
    {
        long[] ends = [.. Whole.Zip(size, (whole, length) => whole - length)];
        return ends.All(end => end == 0)
            ? voxels
            : layer.Step(
                "padded",
                "Pad",
                [
                    voxels,
                    layer.Model.Integers([0, .. new long[axes], 0, 0, .. ends, 0]),
                    layer.Model.Numbers([0]),
                ]
            );
    }

    private string Cropped(string voxels) =>
        Whole.SequenceEqual(size.Select(length => (long)length))
            ? voxels
            : layer.Step(
                "cropped",
                "Slice",
                [
                    voxels,
                    layer.Model.Integers(new long[axes]),
                    layer.Model.Integers([.. size.Select(length => (long)length)]),
                    layer.Model.Integers([.. Enumerable.Range(1, axes).Select(axis => (long)axis)]),
                ]
            );

    // The first voxels along each axis move to its end.
    private string Rolled(string name, string voxels, long[] by)
    {
        for (var axis = 0; axis < axes; axis++)
        {
            if (by[axis] == 0)
                continue;
            string Some(string part, long from, long to) =>
                layer.Step(
                    $"{name}: {part} along {axis + 1}",
                    "Slice",
                    [
                        voxels,
                        layer.Model.Integers(from),
                        layer.Model.Integers(to),
                        layer.Model.Integers(axis + 1),
                    ]
                );
            voxels = layer.Step(
                $"{name} along {axis + 1}",
                "Concat",
                [Some("last", by[axis], int.MaxValue), Some("first", 0, by[axis])],
                Attributes.Of("axis", axis + 1)
            );
        }
        return voxels;
    }

    // [N, (windows along D,) along H, along W, (voxels along D,) along H, along W, C]
    private string Split(string voxels)
    {
        var apart = layer.Reshape(
            "apart",
            voxels,
            [
                0,
                .. grid
                    .Count.Zip(grid.Window)
                    .SelectMany(axis => new[] { axis.First, axis.Second }),
                3 * op.Channels,
            ]
        );
        int[] counts = [.. Enumerable.Range(0, axes).Select(axis => 1 + 2 * axis)];
        return layer.Transpose(
            "windows",
            apart,
            [0, .. counts, .. counts.Select(axis => axis + 1), 2 * axes + 1]
        );
    }

    private string Join(string windows)
    {
        var apart = layer.Reshape(
            "windows attended",
            windows,
            [0, .. grid.Count, .. grid.Window, op.Channels]
        );
        var ordered = layer.Transpose(
            "in order",
            apart,
            [
                0,
                .. Enumerable.Range(1, axes).SelectMany(axis => new[] { axis, axis + axes }),
                2 * axes + 1,
            ]
        );
        return layer.Reshape("joined", ordered, [0, .. Whole, op.Channels]);
    }

    // A learned bias for each relative position, and what keeps voxels from opposite sides of the map apart.
    private string Added()
    {
        var bias = layer.Step(
            "bias by position",
            "Gather",
            [
                layer.Weight("relative_position_bias_table"),
                layer.Model.Indices(
                    "relative positions",
                    grid.RelativePositions(),
                    grid.Voxels * grid.Voxels
                ),
            ],
            Attributes.Of("axis", 0)
        );
        var relative = layer.Reshape(
            "relative bias",
            layer.Transpose("bias by head", bias, 1, 0),
            op.Heads,
            grid.Voxels,
            grid.Voxels
        );
        if (grid.Shift.All(by => by == 0))
            return relative;
        var sides = Sides();
        var equal = layer.Step(
            "neighbors",
            "Equal",
            [
                layer.Model.Indices("sides of queries", sides, Windows, 1, grid.Voxels, 1),
                layer.Model.Indices("sides of keys", sides, Windows, 1, 1, grid.Voxels),
            ]
        );
        var mask = layer.Step(
            "mask",
            "Where",
            [equal, layer.Model.Numbers([0]), layer.Model.Numbers([Apart])]
        );
        return layer.Step("relative bias and mask", "Add", [relative, mask]);
    }

    // For each voxel of each window, on which side of the map's end along each shifted axis it is.
    private long[] Sides() =>
        [.. Enumerable.Range(0, (int)Windows).SelectMany(window => grid.Sides(Wrapped(window)))];

    // The shifted axes along which a window is the last, as bits.
    private int Wrapped(int window)
    {
        var (wrapped, at) = (0, (long)window);
        for (var axis = axes - 1; axis >= 0; axis--)
        {
            if (grid.IsShifted(axis) && at % grid.Count[axis] == grid.Count[axis] - 1)
                wrapped |= 1 << axis;
            at /= grid.Count[axis];
        }
        return wrapped;
    }
}
