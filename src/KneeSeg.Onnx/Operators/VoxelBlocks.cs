namespace KneeSeg.Onnx.Operators;

/// <summary>Blocks of voxels as channels, and back. The numbers of blocks along each axis are computed from the map.</summary>
internal static class VoxelBlocks
{
    /// <summary>The voxels of each block as channels of one.</summary>
    public static string ToChannels(OnnxLayer layer, int[] block, int channels, bool voxelByVoxel)
    {
        var axes = layer.Axes;
        var blocks = Enumerable
            .Range(0, axes)
            .Select(axis =>
                layer.Step(
                    $"blocks along {axis + 1}",
                    "Div",
                    [layer.Length(layer.Input, axis + 2), layer.Model.Integers(block[axis])]
                )
            )
            .ToArray();
        var apart = Shaped(
            layer,
            "blocks",
            layer.Input,
            [
                layer.Model.Integers(0, channels),
                .. blocks
                    .Zip(block, (count, side) => new[] { count, layer.Model.Integers(side) })
                    .SelectMany(pair => pair),
            ]
        );
        int[] counts = [.. Enumerable.Range(0, axes).Select(axis => 2 + 2 * axis)];
        int[] inside = [.. counts.Select(axis => axis + 1)];
        int[] within = voxelByVoxel ? [.. inside, 1] : [1, .. inside];
        var ordered = layer.Transpose("ordered", apart, [0, .. within, .. counts]);
        return Shape(
            layer,
            ordered,
            [layer.Model.Integers(0, channels * block.Aggregate(1, (a, b) => a * b)), .. blocks]
        );
    }

    /// <summary>The channels of each voxel as a block of voxels, of so many channels.</summary>
    public static string ToSpace(OnnxLayer layer, int[] block, int channels, bool voxelByVoxel)
    {
        var axes = layer.Axes;
        long[] sides = [.. block.Select(side => (long)side)];
        string[] lengths =
        [
            .. Enumerable.Range(0, axes).Select(axis => layer.Length(layer.Input, axis + 2)),
        ];
        var apart = Shaped(
            layer,
            "blocks",
            layer.Input,
            [
                layer.Model.Integers(
                    voxelByVoxel ? [0, .. sides, channels] : [0, channels, .. sides]
                ),
                .. lengths,
            ]
        );
        var (channel, first) = voxelByVoxel ? (axes + 1, 1) : (1, 2);
        var ordered = layer.Transpose(
            "ordered",
            apart,
            [
                0,
                channel,
                .. Enumerable
                    .Range(0, axes)
                    .SelectMany(axis => new[] { axes + 2 + axis, first + axis }),
            ]
        );
        return Shape(
            layer,
            ordered,
            [
                layer.Model.Integers(0, channels),
                .. lengths.Select(
                    (length, axis) =>
                        layer.Step(
                            $"voxels along {axis + 1}",
                            "Mul",
                            [length, layer.Model.Integers(block[axis])]
                        )
                ),
            ]
        );
    }

    private static string Shaped(OnnxLayer layer, string name, string value, string[] shape) =>
        layer.Step(name, "Reshape", [value, Joined(layer, $"{name}' shape", shape)]);

    private static string Shape(OnnxLayer layer, string value, string[] shape) =>
        layer.Add("Reshape", [value, Joined(layer, "shape", shape)]);

    private static string Joined(OnnxLayer layer, string name, string[] parts) =>
        layer.Step(name, "Concat", parts, Attributes.Of("axis", 0));
}
