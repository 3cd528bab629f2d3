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

/// <summary>Max unpooling: puts each voxel at its pooling's index, zeros elsewhere (Badrinarayanan et al. 2017).</summary>
/// <param name="op">The window of the pooling that it undoes.</param>
/// <param name="pool">The node of that pooling.</param>
internal sealed class Unpooling(WindowOp op, int pool) : NetworkModule
{
    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass)
    {
        var (size, stride) = (Long(op.Size), Long(op.Stride));
        using var scope = NewDisposeScope();
        var indices = pass.Indices(pool);
        var finer =
            size.Length == 3
                ? nn.functional.max_unpool3d(arguments[0], indices, size, stride, new long[3])
                : nn.functional.max_unpool2d(arguments[0], indices, size, stride, new long[2]);
        return Crop(finer, op.Before, op.After).MoveToOuterDisposeScope();
    }
}

/// <summary>Average pooling; padding is not counted.</summary>
internal sealed class AveragePooling(WindowOp op) : NetworkModule
{
    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass)
    {
        using var scope = NewDisposeScope();
        // Libtorch has no bfloat16 avg_pool3d.
        var map = ForwardContext.Cast(arguments[0], ScalarType.Float32);
        return ForwardContext.Cast(Mean(map), pass.Type).MoveToOuterDisposeScope();
    }

    private Tensor Mean(Tensor map)
    {
        if (IsEven(op.Before, op.After))
            return ChannelsLast.Of(Pool(map, Long(op.Before)));
        var inside = ones([1, 1, .. map.shape[2..]], device: map.device);
        var none = new long[op.Before.Length];
        var sums = Pool(Pad(map, op.Before, op.After, 0), none);
        return ChannelsLast.Of(sums / Pool(Pad(inside, op.Before, op.After, 0), none));
    }

    private Tensor Pool(Tensor map, long[] padding)
    {
        var (size, stride) = (Long(op.Size), Long(op.Stride));
        return size.Length == 3
            ? nn.functional.avg_pool3d(map, size, stride, padding, count_include_pad: false)
            : nn.functional.avg_pool2d(map, size, stride, padding, count_include_pad: false);
    }
}
