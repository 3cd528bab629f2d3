using System.Runtime.InteropServices;
using KneeSeg.Kernels;
using KneeSeg.Torch.Layers;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Fused;

/// <summary>The memory of tensors, as kernels read and write it.</summary>
internal static unsafe partial class TensorMaps
{
    /// <summary>A tensor in the form that kernels take: float32, <c>[N, C, (D,) H, W]</c> without gaps; a new handle.</summary>
    public static Tensor Dense(Tensor tensor)
    {
        using var full = ForwardContext.Cast(tensor, ScalarType.Float32);
        return full.contiguous();
    }

    /// <summary>The maps of each image.</summary>
    public static Maps[] Of(Tensor dense)
    {
        var (size, channels) = (SizeOf(dense), (int)dense.shape[1]);
        var first = Address(dense);
        return
        [
            .. Enumerable
                .Range(0, (int)dense.shape[0])
                .Select(image => Maps.At(first + image * channels * size.Voxels, channels, size)),
        ];
    }

    /// <summary>The maps of each image of several tensors, one after the other.</summary>
    public static Maps[] Concat(IReadOnlyList<Tensor> dense)
    {
        var parts = dense.Select(Of).ToArray();
        return
        [
            .. Enumerable
                .Range(0, parts[0].Length)
                .Select(image => Maps.Concat([.. parts.Select(part => part[image])])),
        ];
    }

    /// <summary>The spatial size; images have depth 1.</summary>
    public static Extent SizeOf(Tensor map) => SizeOf([.. map.shape[2..].Select(n => (int)n)]);

    /// <summary>Numbers of each spatial axis; images have 1 for the depth.</summary>
    public static Extent SizeOf(int[] axes, int depth = 1) =>
        axes is [var height, var width]
            ? new(depth, height, width)
            : new(axes[0], axes[1], axes[2]);

    /// <summary>A size as the last axes of a tensor's shape; two for images, three for volumes.</summary>
    public static long[] AxesOf(Extent size, int axes) =>
        axes == 2 ? [size.Height, size.Width] : [size.Depth, size.Height, size.Width];

    /// <summary>The maps of a batch, channels last.</summary>
    public static WideMaps Wide(Tensor map) =>
        new(Address(map), (int)map.shape[0], SizeOf(map).Voxels, (int)map.shape[1]);

    /// <summary>Numbers in a weight's shape; null for one that is not there.</summary>
    public static Tensor? Like(Tensor? weight, double[] numbers) =>
        weight is null
            ? null
            : tensor(Array.ConvertAll(numbers, number => (float)number), weight.shape);

    /// <summary>The first number of a tensor without gaps.</summary>
    public static float* Address(Tensor dense) => (float*)THSTensor_data(dense.Handle);

    /// <summary>All numbers of a small tensor.</summary>
    public static float[] Numbers(Tensor tensor)
    {
        using var dense = Dense(tensor);
        return new ReadOnlySpan<float>(Address(dense), (int)dense.numel()).ToArray();
    }

    [LibraryImport("LibTorchSharp")]
    private static partial nint THSTensor_data(nint handle);
}
