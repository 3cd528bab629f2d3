using KneeSeg.Dsl;
using TorchSharp;
using TorchSharp.Modules;
using static KneeSeg.Torch.Layers.Padding;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>
/// A transposed convolution with a learned kernel <c>[in, out / groups, …]</c>: its full result of
/// (n - 1)·stride + kernel voxels an axis, less what the operation crops on each side.
/// </summary>
internal sealed class TransposedConvolution : NetworkModule, IFoldable, IFilters
{
    private readonly Parameter weight;
    private readonly Parameter? bias;
    private readonly ConvOp op;

    public TransposedConvolution(ConvOp op, WeightInitialization weights)
    {
        this.op = op;
        // With stride s, each output is reached by kernel / s inputs per axis.
        var overlaps = op.Kernel.Zip(
            op.Stride,
            (kernel, stride) => Math.Max(1.0, (double)kernel / stride)
        );
        weight = weights.Drawn(
            fanIn: (double)op.In / op.Groups * overlaps.Aggregate((a, b) => a * b),
            [op.In, op.Out / op.Groups, .. Long(op.Kernel)]
        );
        register_parameter(nameof(weight), weight);
        if (op.Bias)
            register_parameter(nameof(bias), bias = weights.Filled(0, op.Out));
    }

    private TransposedConvolution(ConvOp op, Tensor weight, Tensor bias)
    {
        this.op = op;
        register_parameter(nameof(weight), this.weight = WeightInitialization.Given(weight));
        register_parameter(nameof(bias), this.bias = WeightInitialization.Given(bias));
    }

    public ConvOp Op => op;

    public Tensor? Bias => bias;

    public Tensor Kernel() => weight.alias();

    public NetworkModule FoldedWith(BatchNormalization norm)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (factor, addend) = norm.Affine();
        // The kernel is [in, out / groups, …], so the factors of a group are repeated for its inputs.
        var each = factor
            .reshape([op.Groups, 1, op.Out / op.Groups])
            .expand([op.Groups, op.In / op.Groups, op.Out / op.Groups])
            .reshape([op.In, op.Out / op.Groups, .. Enumerable.Repeat(1L, op.Kernel.Length)]);
        return new TransposedConvolution(
            op,
            weight * each,
            bias is null ? addend : bias * factor + addend
        );
    }

    /// <summary>Whether kernel and stride are equal, so that outputs of different voxels do not overlap.</summary>
    private bool FillsBlocks =>
        op.Groups == 1
        && op.Kernel.AsSpan().SequenceEqual(op.Stride)
        && op.Before.Concat(op.After).All(crop => crop == 0)
        && op.Dilation.All(step => step == 1);

    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass)
    {
        using var scope = NewDisposeScope();
        var map = arguments[0];
        // In bfloat16 on a CPU, libtorch's gradient of a kernel with groups may be anything.
        var type =
            op.Groups > 1 && map.device_type == DeviceType.CPU ? ScalarType.Float32 : pass.Type;
        var (input, kernel) = (ForwardContext.Cast(map, type), ForwardContext.Cast(weight, type));
        var offset = bias is null ? null : ForwardContext.Cast(bias, type);
        var result =
            FillsBlocks ? Blocks(input, kernel, offset)
            : IsEven(op.Before, op.After) ? Transposed(input, kernel, offset, Long(op.Before))
            : Crop(
                Transposed(input, kernel, offset, new long[op.Before.Length]),
                op.Before,
                op.After
            );
        return ForwardContext.Cast(result, pass.Type).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Non-overlapping blocks as one matrix product, voxels × in by in × (block × out), rearranged in space. In bfloat16
    /// libtorch's own transposed convolution takes ten times as long for the kernel's gradient.
    /// </summary>
    private Tensor Blocks(Tensor map, Tensor kernel, Tensor? offset)
    {
        var rows = ChannelsLast.Voxels(map).reshape(-1, op.In);
        var matrix = ChannelsLast.Voxels(kernel).reshape(op.In, -1);
        var everywhere = offset?.repeat([op.Kernel.Aggregate(1L, (all, length) => all * length)]);
        var blocks = nn.functional.linear(rows, matrix.t(), everywhere);
        var voxels = blocks.reshape([map.shape[0], .. map.shape[2..], -1]);
        return VoxelBlocks.ToSpace(ChannelsLast.Map(voxels), op.Kernel, voxelByVoxel: true);
    }

    private Tensor Transposed(Tensor map, Tensor kernel, Tensor? offset, long[] crop)
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
