using TorchSharp;
using static TorchSharp.torch;

namespace KneeSeg.Torch;

/// <summary>Maps made finer, or spread over more voxels.</summary>
internal static class Resizing
{
    /// <summary>Each voxel repeated along each axis.</summary>
    public static Tensor UpsampleNearest(Tensor map, int[] factor)
    {
        var size = Finer(map, factor);
        return factor.Length == 3
            ? nn.functional.upsample_nearest3d(map, size)
            : nn.functional.upsample_nearest2d(map, size);
    }

    /// <summary>Linear between voxel centers; corners stay where they are if so asked.</summary>
    public static Tensor UpsampleLinear(Tensor map, int[] factor, bool alignCorners) =>
        nn.functional.interpolate(
            map,
            Finer(map, factor),
            mode: factor.Length == 3 ? InterpolationMode.Trilinear : InterpolationMode.Bilinear,
            align_corners: alignCorners
        );

    /// <summary>A map of one voxel, seen at every voxel of another's.</summary>
    public static Tensor Broadcast(Tensor voxel, Tensor over) =>
        voxel.expand([.. voxel.shape[..2], .. over.shape[2..]]);

    /// <summary>The means of so many cells along each axis, as one vector.</summary>
    public static Tensor AdaptiveAvgPool(Tensor map, int cells)
    {
        using var means =
            map.dim() == 5
                ? nn.functional.adaptive_avg_pool3d(map, [cells, cells, cells])
                : nn.functional.adaptive_avg_pool2d(map, [cells, cells]);
        return means.reshape([map.shape[0], -1, .. Enumerable.Repeat(1L, (int)map.dim() - 2)]);
    }

    private static long[] Finer(Tensor map, int[] factor) =>
        [.. map.shape[2..].Zip(factor, (size, times) => size * times)];
}
