using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>Upsampling, broadcasting and adaptive pooling.</summary>
internal static class Resizing
{
    /// <summary>Nearest-neighbor upsampling.</summary>
    public static Tensor UpsampleNearest(Tensor map, int[] factor)
    {
        var size = UpsampledSize(map, factor);
        return factor.Length == 3
            ? nn.functional.upsample_nearest3d(map, size)
            : nn.functional.upsample_nearest2d(map, size);
    }

    /// <summary>Linear upsampling, optionally with aligned corners.</summary>
    public static Tensor UpsampleLinear(Tensor map, int[] factor, bool alignCorners) =>
        Linear(map, UpsampledSize(map, factor), alignCorners);

    /// <summary>Linear interpolation to a size, optionally with aligned corners.</summary>
    public static Tensor Linear(Tensor map, long[] size, bool alignCorners) =>
        nn.functional.interpolate(
            map,
            size,
            mode: size.Length == 3 ? InterpolationMode.Trilinear : InterpolationMode.Bilinear,
            align_corners: alignCorners
        );

    /// <summary>A map of one voxel, broadcast to another's size.</summary>
    public static Tensor Broadcast(Tensor voxel, Tensor over) =>
        voxel.expand([.. voxel.shape[..2], .. over.shape[2..]]);

    /// <summary>Adaptive average pooling to this many cells per axis, flattened to one vector.</summary>
    public static Tensor AdaptiveAvgPool(Tensor map, int cells)
    {
        using var means =
            map.dim() == 5
                ? nn.functional.adaptive_avg_pool3d(map, [cells, cells, cells])
                : nn.functional.adaptive_avg_pool2d(map, [cells, cells]);
        return means.reshape([map.shape[0], -1, .. Enumerable.Repeat(1L, (int)map.dim() - 2)]);
    }

    private static long[] UpsampledSize(Tensor map, int[] factor) =>
        [.. map.shape[2..].Zip(factor, (size, times) => size * times)];
}
