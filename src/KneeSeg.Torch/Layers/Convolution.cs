using KneeSeg.Dsl;
using TorchSharp;
using TorchSharp.Modules;
using static KneeSeg.Torch.Layers.Padding;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>
/// A convolution with a learned kernel <c>[out, in / groups, …]</c>, which may be standardized before use, and, where it has one,
/// a bias.
/// </summary>
internal sealed class Convolution : NetworkModule, IFoldable, IFilters
{
    private readonly Parameter weight;
    private readonly Parameter? bias;
    private readonly ConvOp op;
    private readonly bool isStandardized;

    public Convolution(ConvOp op, WeightInitialization weights)
    {
        (this.op, isStandardized) = (op, op.Standardized);
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

    public ConvOp Op => op;

    public Tensor? Bias => bias;

    public NetworkModule FoldedWith(BatchNormalization norm)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (factor, addend) = norm.Affine();
        long[] overOutputs = [op.Out, .. Enumerable.Repeat(1L, op.Kernel.Length + 1)];
        return new Convolution(
            op,
            Kernel() * factor.reshape(overOutputs),
            bias is null ? addend : bias * factor + addend
        );
    }

    public override IEnumerable<(string Name, Tensor Value)> InferenceTensors() =>
        base.InferenceTensors()
            .Select(pair => pair.Name == nameof(weight) ? (pair.Name, Kernel()) : pair);

    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass)
    {
        using var filters = Kernel();
        using var kernel = pass.Cast(filters)!;
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
    /// The kernel, each output's part of which has mean 0 and variance 1 if it is standardized (Qiao et al. 2019): layer normalization
    /// of the part.
    /// </summary>
    public Tensor Kernel()
    {
        if (!isStandardized)
            return weight.alias();
        using var scope = NewDisposeScope();
        var filters = ChannelsLast.Voxels(weight);
        var standard = nn.functional.layer_norm(filters, filters.shape[1..], eps: 1e-5);
        return ChannelsLast.Map(standard).MoveToOuterDisposeScope();
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
        var length = step - op.Stride[0] + op.Reach(0);
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
        (map.shape[2] + op.Before[0] + op.After[0] - op.Reach(0)) / op.Stride[0] + 1;
}
