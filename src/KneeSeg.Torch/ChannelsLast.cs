using static TorchSharp.torch;

namespace KneeSeg.Torch;

/// <summary>
/// The memory format in which libtorch's convolutions run without reordering: the channels of a voxel side by side,
/// <c>[N, D, H, W, C]</c> seen as <c>[N, C, D, H, W]</c>. TorchSharp has no name for it, so strides say it.
/// </summary>
internal static class ChannelsLast
{
    /// <summary>A tensor with the same values in this format; the same storage where that is so already.</summary>
    /// <param name="map"><c>[N, C, (D,) H, W]</c>, or a weight whose first two axes are output and input.</param>
    /// <returns>A new handle in either case.</returns>
    public static Tensor Of(Tensor map)
    {
        if (map.dim() < 4)
            return map.alias();
        var axes = (int)map.dim() - 2;
        if (map.shape[1] == 1)
            return Single(map);
        using var voxels = map.permute([0, .. Enumerable.Range(2, axes), 1]);
        using var dense = voxels.contiguous();
        return dense.permute(ToChannelsFirst(axes));
    }

    /// <summary>From <c>[N, (D,) H, W, C]</c> to <c>[N, C, (D,) H, W]</c>.</summary>
    private static long[] ToChannelsFirst(long axes) =>
        [0, axes + 1, .. Enumerable.Range(1, (int)axes).Select(axis => (long)axis)];

    // With one channel both formats are the same bytes, and libtorch takes it for the other unless the strides say this.
    private static Tensor Single(Tensor map)
    {
        using var dense = map.contiguous();
        using var voxels = dense.squeeze(1);
        using var withChannel = voxels.unsqueeze(-1);
        return withChannel.permute(ToChannelsFirst(voxels.dim() - 1));
    }
}
