using KneeSeg.Dsl;
using KneeSeg.Kernels;
using KneeSeg.Kernels.Winograd;
using KneeSeg.Torch.Layers;
using KneeSeg.Torch.Native;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Fused;

/// <summary>A wide convolution of stride 1 that Winograd's algorithm computes, in channels-last maps.</summary>
/// <param name="filters">The convolution.</param>
/// <param name="slope">Of a leaky rectifier behind it; 1 for none, as in training.</param>
internal sealed class WideConvolution(IFilters filters, float slope) : FusedModule
{
    /// <summary>Whether the algorithm computes a convolution, which has neither groups nor dilation.</summary>
    public static bool Applies(ConvOp op) =>
        Takes(op.In)
        && Takes(op.Out)
        && op.Stride.All(step => step == 1)
        && op.Kernel[^2..] is [3, 3]
        && (op.Kernel.Length == 2 || op.Kernel[0] is 1 or 3);

    /// <summary>Whether a concatenation is read where its parts are.</summary>
    public static bool ReadsParts(IEnumerable<int> channels) =>
        channels.SkipLast(1).All(count => count % 16 == 0);

    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass)
    {
        using var scope = NewDisposeScope();
        Tensor[] inputs =
        [
            .. arguments.Select(input =>
                ChannelsLast.Of(ForwardContext.Cast(input, ScalarType.Float32))
            ),
        ];
        var one = new WidePass(filters.Op, slope, inputs);
        return PassFunction
            .Of(one, [filters.Kernel(), filters.Bias, .. inputs])
            .MoveToOuterDisposeScope();
    }

    private static bool Takes(int channels) => channels % WideMaps.ChannelMultiple == 0;
}

/// <summary>A pass through a wide convolution. Its values are the kernel, bias and inputs, channels last.</summary>
/// <param name="op">The convolution.</param>
/// <param name="slope">Of the rectifier in <see cref="Forward"/>.</param>
/// <param name="inputs">What it reads, concatenated: channels last.</param>
internal sealed unsafe class WidePass(ConvOp op, float slope, Tensor[] inputs) : IPass
{
    private readonly long[][] shapes = Array.ConvertAll(inputs, input => input.shape);
    private readonly WinogradConvolution convolution = new(
        (int)inputs[0].shape[0],
        op.In,
        op.Out,
        TensorMaps.SizeOf(inputs[0]),
        Depth(op),
        TensorMaps.SizeOf(op.Before, 0),
        TensorMaps.SizeOf(op.After, 0)
    );

    public bool KeepsValues => true;

    public Tensor Run(Tensor?[] values)
    {
        var (kernel, bias, inputs) = Roles(values);
        using var taps = Taps(kernel, isTransposed: false);
        using var workspace = empty(convolution.ForwardWorkspace);
        var output = ChannelsLast.Empty([
            shapes[0][0],
            op.Out,
            .. TensorMaps.AxesOf(convolution.OutputSize, op.Kernel.Length),
        ]);
        convolution.Forward(
            LibtorchWorkers.Instance,
            Blocks(inputs),
            TensorMaps.Address(taps),
            isMirrored: false,
            bias is null ? null : TensorMaps.Address(bias),
            new(slope),
            Blocks(output),
            TensorMaps.Address(workspace)
        );
        return output;
    }

    public (Tensor Output, Tensor? Kept) Forward(Tensor?[] values) => (Run(values), null);

    public Tensor?[] Backward(Tensor?[] values, bool[] isNeeded, Tensor? kept, Tensor gradient)
    {
        var (kernel, bias, inputs) = Roles(values);
        using var map = ChannelsLast.Of(gradient);
        var (ofKernel, ofBias) = OfWeights(inputs, map);
        return
        [
            ofKernel,
            TensorMaps.Like(bias, ofBias),
            .. isNeeded[2..].Any(needed => needed)
                ? OfInputs(kernel, map)
                : new Tensor?[inputs.Length],
        ];
    }

    private static (Tensor Kernel, Tensor? Bias, Tensor[] Inputs) Roles(Tensor?[] values) =>
        (values[0]!, values[1], [.. values[2..].Select(value => value!)]);

    private Tensor[] OfInputs(Tensor kernel, Tensor gradient)
    {
        var adjoint = op.Kernel.Select(length => length - 1).ToArray();
        var backward = new WinogradConvolution(
            (int)shapes[0][0],
            op.Out,
            op.In,
            convolution.OutputSize,
            Depth(op),
            TensorMaps.SizeOf([.. adjoint.Zip(op.Before, (most, side) => most - side)], 0),
            TensorMaps.SizeOf([.. adjoint.Zip(op.After, (most, side) => most - side)], 0)
        );
        using var taps = Taps(kernel, isTransposed: true);
        using var workspace = empty(backward.ForwardWorkspace);
        var gradients = Array.ConvertAll(shapes, ChannelsLast.Empty);
        backward.Forward(
            LibtorchWorkers.Instance,
            Blocks(gradient),
            TensorMaps.Address(taps),
            isMirrored: true,
            null,
            new(1),
            Blocks(gradients),
            TensorMaps.Address(workspace)
        );
        return gradients;
    }

    private (Tensor Kernel, double[] Bias) OfWeights(Tensor[] inputs, Tensor gradient)
    {
        using var taps = empty([.. op.Kernel.Select(length => (long)length), op.In, op.Out]);
        using var workspace = empty(convolution.GradientWorkspace);
        var sums = new double[op.Out];
        convolution.KernelGradient(
            LibtorchWorkers.Instance,
            Blocks(inputs),
            Blocks(gradient),
            TensorMaps.Address(taps),
            sums,
            TensorMaps.Address(workspace)
        );
        var axes = op.Kernel.Length;
        using var turned = taps.permute([
            axes + 1,
            axes,
            .. Enumerable.Range(0, axes).Select(axis => (long)axis),
        ]);
        return (ChannelsLast.Of(turned), sums);
    }

    private static ChannelBlock[] Blocks(params Tensor[] maps) =>
        ChannelBlock.Of(
            Array.ConvertAll(maps, map => (nint)TensorMaps.Address(map)),
            Array.ConvertAll(maps, map => (int)map.shape[1])
        );

    /// <summary>A kernel <c>[O, I, …]</c> as <c>[…, I, O]</c>, or transposed as <c>[…, O, I]</c>.</summary>
    private static Tensor Taps(Tensor kernel, bool isTransposed)
    {
        var axes = Enumerable.Range(2, (int)kernel.dim() - 2).Select(axis => (long)axis);
        using var turned = kernel.permute([.. axes, .. isTransposed ? (long[])[0, 1] : [1, 0]]);
        return turned.contiguous();
    }

    private static int Depth(ConvOp op) => op.Kernel.Length == 2 ? 1 : op.Kernel[0];
}
