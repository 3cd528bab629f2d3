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
        var kernel = filters.Kernel();
        var one = new WidePass(filters.Op, slope, inputs);
        var isTraced = is_grad_enabled() && inputs.Append(kernel).Any(value => value.requires_grad);
        return (
            isTraced
                ? WideFunction.Of(one, [kernel, filters.Bias, .. inputs])
                : one.Forward(inputs, kernel, filters.Bias)
        ).MoveToOuterDisposeScope();
    }

    private static bool Takes(int channels) => channels % WinogradConvolution.ChannelMultiple == 0;
}

/// <summary>A convolution of a batch, and its gradients.</summary>
/// <param name="op">The convolution.</param>
/// <param name="slope">Of the rectifier in <see cref="Forward"/>.</param>
/// <param name="inputs">What it reads, concatenated: channels last.</param>
internal sealed unsafe class WidePass(ConvOp op, float slope, Tensor[] inputs)
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

    /// <summary>The output <c>[N, O, (D,) H, W]</c>, channels last.</summary>
    public Tensor Forward(Tensor[] inputs, Tensor kernel, Tensor? bias)
    {
        using var taps = Taps(kernel, isTransposed: false);
        using var workspace = empty(convolution.ForwardWorkspace);
        var output = Map([
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

    /// <summary>The gradients of the inputs, channels last.</summary>
    public Tensor[] OfInputs(Tensor kernel, Tensor gradient)
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
        var gradients = Array.ConvertAll(shapes, Map);
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

    /// <summary>The gradients of kernel and bias; null for one that is not there.</summary>
    public (Tensor Kernel, Tensor? Bias) OfWeights(Tensor[] inputs, Tensor gradient, bool hasBias)
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
        return (
            ChannelsLast.Of(turned),
            hasBias ? tensor(Array.ConvertAll(sums, sum => (float)sum)) : null
        );
    }

    private static Tensor Map(long[] shape)
    {
        using var voxels = empty([shape[0], .. shape[2..], shape[1]]);
        return ChannelsLast.Map(voxels);
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

/// <summary>A wide convolution as a function of libtorch's autograd.</summary>
internal sealed class WideFunction : autograd.SingleTensorFunction<WideFunction>
{
    // Libtorch reads returned gradients after backward has returned them, and TorchSharp leaves them to the garbage collector.
    [ThreadStatic]
    private static List<Tensor?>? returned;

    [ThreadStatic]
    private static Tensor? unwrapped;

    public override string Name => nameof(WideFunction);

    /// <summary>The convolution's output.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="values">The kernel, its bias or null, and the inputs.</param>
    public static Tensor Of(WidePass pass, Tensor?[] values)
    {
        var output = apply([pass, .. values.Cast<object>()]);
        unwrapped!.Dispose();
        return output;
    }

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (pass, kernel, bias) = ((WidePass)vars[0], (Tensor)vars[1], (Tensor?)vars[2]);
        Tensor[] inputs = [.. vars[3..].Cast<Tensor>()];
        ctx.save_for_backward([kernel, .. inputs]);
        ctx.save_data(nameof(WidePass), pass);
        ctx.save_data("ofBias", bias is not null);
        ctx.save_data("ofInputs", inputs.Any(input => input.requires_grad));
        return unwrapped = pass.Forward(inputs, kernel, bias);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        foreach (var value in returned ?? [])
            value?.Dispose();
        var pass = (WidePass)ctx.get_data(nameof(WidePass));
        var saved = ctx.get_saved_variables();
        var (kernel, inputs) = (saved[0], saved.Skip(1).ToArray());
        using var gradient = ChannelsLast.Of(grad_output);
        var (ofKernel, ofBias) = pass.OfWeights(inputs, gradient, (bool)ctx.get_data("ofBias"));
        returned =
        [
            ofKernel,
            ofBias,
            .. (bool)ctx.get_data("ofInputs")
                ? pass.OfInputs(kernel, gradient)
                : new Tensor?[inputs.Length],
        ];
        foreach (var value in saved.Append(grad_output))
            value.Dispose();
        return [null!, .. returned.Select(value => value!)];
    }
}
