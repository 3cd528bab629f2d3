using static KneeSeg.Torch.Layers.Padding;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>
/// Cuts maps into blocks of voxels, and puts them together again. As channels, blocks are either all channels of the first voxel, then
/// those of the next, or all voxels of the first channel, then those of the next (PyTorch's pixel shuffle); voxels in row-major order.
/// </summary>
internal static class VoxelBlocks
{
    /// <summary>Each block of voxels as the channels of one.</summary>
    public static Tensor ToChannels(Tensor map, int[] block, bool voxelByVoxel)
    {
        using var scope = NewDisposeScope();
        var inside = block.Length + 1;
        var blocks = Split(ChannelsLast.Voxels(map), Long(block));
        var ordered = voxelByVoxel ? blocks : blocks.movedim([-1], [inside]);
        return ChannelsLast.Map(ordered.flatten(inside)).MoveToOuterDisposeScope();
    }

    /// <summary>The channels of each voxel as a block of voxels.</summary>
    public static Tensor ToSpace(Tensor map, int[] block, bool voxelByVoxel)
    {
        using var scope = NewDisposeScope();
        var inside = block.Length + 1;
        var voxels = ChannelsLast.Voxels(map);
        var blocks = voxelByVoxel
            ? voxels.unflatten(inside, [.. Long(block), -1])
            : voxels.unflatten(inside, [-1, .. Long(block)]).movedim([inside], [-1]);
        return ChannelsLast.Map(Join(blocks)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The blocks of voxels <c>[N, (D,) H, W, C]</c> along each axis, then the voxels of each along each axis:
    /// <c>[N, (D/d,) H/h, W/w, (d,) h, w, C]</c>.
    /// </summary>
    public static Tensor Split(Tensor voxels, long[] block)
    {
        var axes = block.Length;
        for (var axis = axes; axis > 0; axis--)
            voxels = voxels.unflatten(axis, [-1, block[axis - 1]]);
        return voxels.permute([
            0,
            .. Enumerable.Range(0, axes).Select(axis => 2L * axis + 1),
            .. Enumerable.Range(0, axes).Select(axis => 2L * axis + 2),
            2 * axes + 1,
        ]);
    }

    /// <summary>The inverse of <see cref="Split"/>.</summary>
    public static Tensor Join(Tensor blocks)
    {
        var axes = ((int)blocks.dim() - 2) / 2;
        var voxels = blocks.permute([
            0,
            .. Enumerable.Range(1, axes).SelectMany(axis => new long[] { axis, axis + axes }),
            2 * axes + 1,
        ]);
        for (var axis = 1; axis <= axes; axis++)
            voxels = voxels.flatten(axis, axis + 1);
        return voxels;
    }
}
