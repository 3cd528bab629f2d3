using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>
/// The memory format in which libtorch's convolutions run without reordering: the channels of a voxel side by side,
/// <c>[N, D, H, W, C]</c> viewed as <c>[N, C, D, H, W]</c>. TorchSharp has no name for it, so it is set by strides.
/// </summary>
internal static class ChannelsLast
{
    /// <summary>A tensor with the same values in this format; the same storage if it already has it.</summary>
    /// <param name="map"><c>[N, C, (D,) H, W]</c>, or a weight whose first two axes are output and input.</param>
    /// <returns>A new handle in either case.</returns>
    public static Tensor Of(Tensor map)
    {
        if (map.dim() < 4)
            return map.alias();
        if (map.shape[1] == 1)
            return Single(map);
        using var voxels = Voxels(map);
        using var dense = voxels.contiguous();
        return Map(dense);
    }

    /// <summary>A new float32 map of a shape <c>[N, C, (D,) H, W]</c> in this format; its values are anything.</summary>
    public static Tensor Empty(long[] shape)
    {
        using var voxels = empty([shape[0], .. shape[2..], shape[1]]);
        return Map(voxels);
    }

    /// <summary>A feature map <c>[N, C, (D,) H, W]</c> viewed as its voxels, <c>[N, (D,) H, W, C]</c>.</summary>
    public static Tensor Voxels(Tensor map) =>
        map.permute([0, .. Enumerable.Range(2, (int)map.dim() - 2), 1]);

    /// <summary>Voxels <c>[N, (D,) H, W, C]</c> viewed as a feature map, <c>[N, C, (D,) H, W]</c>.</summary>
    public static Tensor Map(Tensor voxels) =>
        voxels.permute([
            0,
            voxels.dim() - 1,
            .. Enumerable.Range(1, (int)voxels.dim() - 2).Select(axis => (long)axis),
        ]);

    // With one channel both formats are the same bytes; only the strides mark this one.
    private static Tensor Single(Tensor map)
    {
        using var dense = map.contiguous();
        using var voxels = dense.squeeze(1);
        using var withChannel = voxels.unsqueeze(-1);
        return Map(withChannel);
    }
}
