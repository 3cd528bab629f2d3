using KneeSeg.Dsl;
using TorchSharp.Modules;
using static KneeSeg.Torch.Layers.Padding;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>A convolution with a learned kernel <c>[out, in / groups, …]</c> and, where it has one, a bias.</summary>
internal sealed class Convolution : NetworkModule, IFoldable
{
    private readonly Parameter weight;
    private readonly Parameter? bias;
    private readonly ConvOp op;

    public Convolution(ConvOp op, WeightInitialization weights)
    {
        this.op = op;
        long[] kernel = [op.Out, op.In / op.Groups, .. Long(op.Kernel)];
        weight = weights.Drawn(fanIn: kernel[1..].Aggregate((a, b) => a * b), kernel);
        register_parameter(nameof(weight), weight);
        if (op.Bias)
            register_parameter(nameof(bias), bias = weights.Filled(0, op.Out));
    }

    private Convolution(ConvOp op, Tensor weight, Tensor bias)
    {
        this.op = op;
        register_parameter(nameof(weight), this.weight = WeightInitialization.Given(weight));
        register_parameter(nameof(bias), this.bias = WeightInitialization.Given(bias));
    }

    public NetworkModule FoldedWith(BatchNormalization norm)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (factor, addend) = norm.Affine();
        long[] overOutputs = [op.Out, .. Enumerable.Repeat(1L, op.Kernel.Length + 1)];
        return new Convolution(
            op,
            weight * factor.reshape(overOutputs),
            bias is null ? addend : bias * factor + addend
        );
    }

    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass)
    {
        using var kernel = pass.Cast(weight)!;
        using var offset = pass.Cast(bias);
        if (SplitConvolution.Applies(arguments[0], op))
        {
            using var halves = SplitConvolution.Of(arguments[0], op);
            using var outputs = Convolve(halves, kernel, offset, new long[op.Before.Length]);
            return SplitConvolution.Join(outputs);
        }
        if (IsEven(op.Before, op.After) && !IsNarrow(arguments[0]))
            return Convolve(arguments[0], kernel, offset, Long(op.Before));
        using var padded = Pad(arguments[0], op.Before, op.After, 0);
        return Convolve(padded, kernel, offset, new long[op.Before.Length]);
    }

    /// <summary>
    /// Whether the kernel is longer than the map on some axis. Libtorch 2.10 then computes the gradient of a bfloat16
    /// channels-last kernel from uninitialized memory, unless the map is padded explicitly.
    /// </summary>
    private bool IsNarrow(Tensor map)
    {
        var size = map.shape;
        return op.Kernel.Where((_, axis) => size[axis + 2] < op.Reach(axis)).Any();
    }

    private Tensor Convolve(Tensor map, Tensor kernel, Tensor? offset, long[] padding) =>
        op.Kernel.Length == 3
            ? nn.functional.conv3d(
                map,
                kernel,
                offset,
                Long(op.Stride),
                padding,
                Long(op.Dilation),
                op.Groups
            )
            : nn.functional.conv2d(
                map,
                kernel,
                offset,
                Long(op.Stride),
                padding,
                Long(op.Dilation),
                op.Groups
            );
}
