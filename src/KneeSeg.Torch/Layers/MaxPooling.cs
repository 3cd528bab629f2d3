using KneeSeg.Dsl;
using static KneeSeg.Torch.Layers.Padding;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>Max pooling, padded with −∞.</summary>
/// <param name="op">The window.</param>
/// <param name="keepIndicesAs">The node under which to keep the indices for an unpooling; null if there is none.</param>
internal sealed class MaxPooling(WindowOp op, int? keepIndicesAs) : NetworkModule
{
    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass)
    {
        if (IsEven(op.Before, op.After))
            return Pool(arguments[0], Long(op.Before), pass);
        using var padded = Pad(arguments[0], op.Before, op.After, double.NegativeInfinity);
        return Pool(padded, new long[op.Before.Length], pass);
    }

    private Tensor Pool(Tensor map, long[] padding, ForwardContext pass)
    {
        var (size, stride) = (Long(op.Size), Long(op.Stride));
        if (keepIndicesAs is not { } node)
            return padding.Length == 3
                ? nn.functional.max_pool3d(map, size, stride, padding)
                : nn.functional.max_pool2d(map, size, stride, padding);
        var (pooled, indices) =
            padding.Length == 3
                ? nn.functional.max_pool3d_with_indices(map, size, stride, padding)
                : nn.functional.max_pool2d_with_indices(map, size, stride, padding);
        pass.Keep(node, indices);
        return pooled;
    }
}
