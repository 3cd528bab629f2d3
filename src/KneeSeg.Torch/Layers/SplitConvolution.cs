using KneeSeg.Dsl;
using TorchSharp;
using static KneeSeg.Torch.Layers.Padding;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>
/// Splits a map into two halves along its first spatial axis that overlap by the kernel. Libtorch 2.10 uses oneDNN for
/// float32 batches of two or large maps; its own convolution of one small map takes several times as long.
/// </summary>
internal static class SplitConvolution
{
    /// <summary>The product of the first four sizes up to which libtorch treats a map as small.</summary>
    private const long Small = 20480;

    /// <summary>Whether splitting makes a convolution faster, and its output divides into two.</summary>
    public static bool Applies(Tensor map, ConvOp op) =>
        map.device_type == DeviceType.CPU
        && map.dtype == ScalarType.Float32
        && map.shape is [1, ..] shape
        && op.Groups == 1
        && shape[1] * shape[2] * shape[3] <= Small
        && Outputs(map, op) % 2 == 0;

    /// <summary>The halves <c>[2, C, …]</c> of a map <c>[1, C, …]</c>, with all its padding.</summary>
    public static Tensor Of(Tensor map, ConvOp op)
    {
        using var scope = NewDisposeScope();
        var padded = Pad(map, op.Before, op.After, 0);
        var step = Outputs(map, op) / 2 * op.Stride[0];
        var length = step - op.Stride[0] + op.Reach(axis: 0);
        Tensor[] halves = [padded.narrow(2, 0, length), padded.narrow(2, step, length)];
        return cat(halves, 0).MoveToOuterDisposeScope();
    }

    /// <summary>Joins halves into one map: the same storage, as channels are last.</summary>
    public static Tensor Join(Tensor halves)
    {
        using var scope = NewDisposeScope();
        var voxels = ChannelsLast.Voxels(halves);
        long[] whole = [1, 2 * voxels.shape[1], .. voxels.shape[2..]];
        return ChannelsLast.Map(voxels.reshape(whole)).MoveToOuterDisposeScope();
    }

    private static long Outputs(Tensor map, ConvOp op) =>
        (map.shape[2] + op.Before[0] + op.After[0] - op.Reach(axis: 0)) / op.Stride[0] + 1;
}
