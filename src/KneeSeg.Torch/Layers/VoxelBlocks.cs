using static KneeSeg.Torch.Layers.Padding;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>
/// Turns the voxels of blocks into channels, and back. The channels are either all of the first voxel, then those of the next, or
/// all voxels of the first channel, then those of the next (PyTorch's pixel shuffle); voxels in row-major order.
/// </summary>
internal static class VoxelBlocks
{
    /// <summary>Each block of voxels as the channels of one.</summary>
    public static Tensor ToChannels(Tensor map, int[] block, bool voxelByVoxel)
    {
        using var scope = NewDisposeScope();
        var (batch, channels, axes) = (map.shape[0], map.shape[1], block.Length);
        long[] coarser = [.. map.shape[2..].Zip(block, (length, step) => length / step)];
        long[] split =
        [
            .. coarser.Zip(block).SelectMany(axis => new[] { axis.First, axis.Second }),
        ];
        long[] within = [.. Enumerable.Range(1, axes).Select(axis => 2L * axis)];
        // [N, D, d, H, h, W, w, C] to [N, D, H, W, d, h, w, C] or [N, D, H, W, C, d, h, w]
        long[] order =
        [
            0,
            .. within.Select(axis => axis - 1),
            .. voxelByVoxel ? within.Append(2 * axes + 1) : within.Prepend(2 * axes + 1),
        ];
        return ChannelsLast
            .Map(
                ChannelsLast
                    .Voxels(map)
                    .reshape([batch, .. split, channels])
                    .permute(order)
                    .reshape([batch, .. coarser, -1])
            )
            .MoveToOuterDisposeScope();
    }

    /// <summary>The channels of each voxel as a block of voxels.</summary>
    public static Tensor ToSpace(Tensor map, int[] block, bool voxelByVoxel)
    {
        using var scope = NewDisposeScope();
        var (batch, size, axes) = (map.shape[0], map.shape[2..], block.Length);
        var channels = map.shape[1] / block.Aggregate(1L, (all, step) => all * step);
        long[] split = voxelByVoxel ? [.. Long(block), channels] : [channels, .. Long(block)];
        var (first, last) = voxelByVoxel ? (axes + 1, 2 * axes + 1) : (axes + 2, axes + 1);
        // [N, D, H, W, d, h, w, C] or [N, D, H, W, C, d, h, w] to [N, D, d, H, h, W, w, C]
        long[] order =
        [
            0,
            .. Enumerable.Range(0, axes).SelectMany(axis => new long[] { axis + 1, axis + first }),
            last,
        ];
        long[] finer = [.. size.Zip(block, (length, step) => length * step)];
        return ChannelsLast
            .Map(
                ChannelsLast
                    .Voxels(map)
                    .reshape([batch, .. size, .. split])
                    .permute(order)
                    .reshape([batch, .. finer, channels])
            )
            .MoveToOuterDisposeScope();
    }
}
