using KneeSeg.Dsl;
using KneeSeg.Kernels;
using KneeSeg.Torch.Layers;
using KneeSeg.Torch.Native;
using static TorchSharp.torch;
using Kernel = KneeSeg.Kernels;

namespace KneeSeg.Torch.Fused;

/// <summary>A module that kernels of our own compute: it takes maps of any type and returns float32.</summary>
internal abstract class FusedModule : NetworkModule;

/// <summary>
/// A convolution with the norm, activation, dropout and sum behind it, as one node. Its modules and their weights are those of the
/// graph's nodes.
/// </summary>
/// <param name="filters">The convolution.</param>
/// <param name="norm">The norm; null without one, or where it is folded.</param>
/// <param name="epilogue">The activation.</param>
/// <param name="dropout">Of channels or images; null without one.</param>
/// <param name="hasResidual">Whether the last argument is added.</param>
internal sealed class FusedBlock(
    IFilters filters,
    Normalization? norm,
    Epilogue epilogue,
    Dropout? dropout,
    bool hasResidual
) : FusedModule
{
    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass)
    {
        using var scope = NewDisposeScope();
        var inputs = arguments.Count - (hasResidual ? 1 : 0);
        Tensor?[] values =
        [
            .. arguments.Take(inputs).Select(TensorMaps.Dense),
            TensorMaps.Dense(filters.Kernel()),
            filters.Bias?.alias(),
            norm?.Gamma?.alias(),
            norm?.Beta?.alias(),
            hasResidual ? TensorMaps.Dense(arguments[^1]) : null,
        ];
        var block = BlockFor(values[0]!);
        long[] shape = [values[0]!.shape[0], block.Outputs];
        var one = new BlockPass(
            block,
            inputs,
            hasResidual,
            dropout?.Factors([.. shape, .. new long[values[0]!.dim() - 2]], pass),
            NormStatistics.Running(norm, pass),
            atOnce: !pass.Training && !UsesBatch(pass)
        );
        var output = PassFunction.Of(one, values);
        if (norm is BatchNormalization batch && pass.Training)
            NormStatistics.Observe(batch, one.Statistics!, pass);
        return output.MoveToOuterDisposeScope();
    }

    private bool UsesBatch(ForwardContext pass) =>
        norm is not null && (norm is not BatchNormalization || pass.Training);

    private Block BlockFor(Tensor input)
    {
        var op = filters.Op;
        var isTransposed = filters is TransposedConvolution;
        var (kernel, stride, before, after) = (
            TensorMaps.SizeOf(op.Kernel),
            TensorMaps.SizeOf(op.Stride),
            TensorMaps.SizeOf(op.Before, 0),
            TensorMaps.SizeOf(op.After, 0)
        );
        var size = TensorMaps.SizeOf(input);
        var fine = Extent.Of(axis =>
            isTransposed
                ? (size[axis] - 1) * stride[axis] + kernel[axis] - before[axis] - after[axis]
                : size[axis]
        );
        var (inputs, outputs) = isTransposed ? (op.Out, op.In) : (op.In, op.Out);
        return new(
            new(inputs, outputs, fine, kernel, stride, before, after),
            isTransposed,
            NormStatistics.Over(norm),
            epilogue,
            LibtorchWorkers.Instance
        );
    }
}

/// <summary>Upsampling or average pooling.</summary>
/// <param name="of">Makes it for a size.</param>
internal sealed class FusedResampling(Func<Extent, Resampling> of) : FusedModule
{
    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass)
    {
        using var scope = NewDisposeScope();
        var input = TensorMaps.Dense(arguments[0]);
        var resampling = of(TensorMaps.SizeOf(input));
        return PassFunction
            .Of(
                new MapPass(
                    resampling.Size,
                    resampling.Run,
                    (workers, _, gradient, ofInput) =>
                        resampling.Transposed.Run(workers, gradient, ofInput),
                    readsInput: false
                ),
                [input]
            )
            .MoveToOuterDisposeScope();
    }
}

/// <summary>Max pooling, the indices of which nothing uses.</summary>
internal sealed class FusedMaxPooling(Window window) : FusedModule
{
    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass)
    {
        using var scope = NewDisposeScope();
        var input = TensorMaps.Dense(arguments[0]);
        var pooling = new Kernel.MaxPooling(window);
        return PassFunction
            .Of(
                new MapPass(
                    window.OutputSize(TensorMaps.SizeOf(input)),
                    pooling.Forward,
                    pooling.Backward,
                    readsInput: true
                ),
                [input]
            )
            .MoveToOuterDisposeScope();
    }
}
