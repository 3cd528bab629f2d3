using KneeSeg.Dsl;
using TorchSharp;
using static KneeSeg.Torch.Border;
using static TorchSharp.torch;

namespace KneeSeg.Torch;

/// <summary>
/// A map as two halves of its first axis, which overlap by what a kernel reaches. Libtorch 2.10 has oneDNN convolve two
/// maps or a large one, in float32; its own way with one small map takes several times as long.
/// </summary>
internal static class Halves
{
    /// <summary>Numbers along the first four axes up to which a map is a small one to libtorch.</summary>
    private const long Small = 20480;

    /// <summary>Whether a convolution is faster in halves, and its answer has two.</summary>
    public static bool Suit(Tensor map, ConvOp op) =>
        map.device_type == DeviceType.CPU
        && map.dtype == ScalarType.Float32
        && map.shape is [1, ..] shape
        && op.Groups == 1
        && shape[1] * shape[2] * shape[3] <= Small
        && (shape[2] + op.Before[0] + op.After[0] - Reach(op)) / op.Stride[0] % 2 == 1;

    /// <summary>The halves <c>[2, C, …]</c> of a map <c>[1, C, …]</c>, with all its padding.</summary>
    public static Tensor Of(Tensor map, ConvOp op)
    {
        using var scope = NewDisposeScope();
        var padded = Pad(map, op.Before, op.After, 0);
        var outputs = (padded.shape[2] - Reach(op)) / op.Stride[0] + 1;
        var length = (outputs / 2 - 1) * op.Stride[0] + Reach(op);
        Tensor[] halves =
        [
            padded.narrow(2, 0, length),
            padded.narrow(2, outputs / 2 * op.Stride[0], length),
        ];
        return cat(halves, 0).MoveToOuterDisposeScope();
    }

    /// <summary>The map whose halves these are: the same storage, as channels are last.</summary>
    public static Tensor Join(Tensor halves)
    {
        using var scope = NewDisposeScope();
        var axes = (int)halves.dim() - 2;
        var size = halves.shape;
        return halves
            .permute([0, .. Enumerable.Range(2, axes), 1])
            .reshape([1, 2 * size[2], .. size[3..], size[1]])
            .permute([0, axes + 1, .. Enumerable.Range(1, axes)])
            .MoveToOuterDisposeScope();
    }

    private static int Reach(ConvOp op) => (op.Kernel[0] - 1) * op.Dilation[0] + 1;
}
