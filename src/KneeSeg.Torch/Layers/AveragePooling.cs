using KneeSeg.Dsl;
using static KneeSeg.Torch.Layers.Padding;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

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
