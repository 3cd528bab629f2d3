using KneeSeg.Dsl;
using TorchSharp.Modules;
using static KneeSeg.Torch.Border;
using static TorchSharp.torch;

namespace KneeSeg.Torch;

/// <summary>
/// A transposed convolution with a learnt kernel <c>[in, out / groups, …]</c>: its full result of
/// (n - 1)·stride + kernel voxels an axis, less what the operation crops on each side.
/// </summary>
internal sealed class TransposedConvolution : Layer
{
    private readonly Parameter weight;
    private readonly Parameter? bias;
    private readonly ConvOp op;

    public TransposedConvolution(ConvOp op, NewWeights weights)
    {
        this.op = op;
        // Of a kernel that steps wider than one voxel, each output meets only every so many.
        var meets = op.Kernel.Zip(
            op.Stride,
            (kernel, stride) => Math.Max(1.0, (double)kernel / stride)
        );
        weight = weights.Drawn(
            fanIn: (double)op.In / op.Groups * meets.Aggregate((a, b) => a * b),
            [op.In, op.Out / op.Groups, .. Long(op.Kernel)]
        );
        register_parameter(nameof(weight), weight);
        if (op.Bias)
            register_parameter(nameof(bias), bias = weights.Filled(0, op.Out));
    }

    public override Tensor Run(IReadOnlyList<Tensor> arguments, Pass pass)
    {
        using var kernel = pass.Cast(weight)!;
        using var offset = pass.Cast(bias);
        if (IsEven(op.Before, op.After))
            return Spread(arguments[0], kernel, offset, Long(op.Before));
        using var full = Spread(arguments[0], kernel, offset, new long[op.Before.Length]);
        return Crop(full, op.Before, op.After);
    }

    private Tensor Spread(Tensor map, Tensor kernel, Tensor? offset, long[] crop)
    {
        var (stride, dilation, more) = (Long(op.Stride), Long(op.Dilation), new long[crop.Length]);
        return crop.Length == 3
            ? nn.functional.conv_transpose3d(
                map,
                kernel,
                offset,
                stride,
                crop,
                more,
                dilation,
                op.Groups
            )
            : nn.functional.conv_transpose2d(
                map,
                kernel,
                offset,
                stride,
                crop,
                more,
                dilation,
                op.Groups
            );
    }
}
