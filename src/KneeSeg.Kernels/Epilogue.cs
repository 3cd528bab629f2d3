namespace KneeSeg.Kernels;

/// <summary>
/// What follows a convolution, fused with it: a line per channel (of a norm), an activation, dropout of channels, and the sum with a
/// residual. This class chooses the code of an activation once per pass.
/// </summary>
internal abstract unsafe class Epilogue
{
    /// <summary>output = activation(factor·conv(input) + addend) + residual in one pass, nothing kept; without dropout.</summary>
    public abstract void Predict(
        IWorkers workers,
        Convolution convolution,
        Maps input,
        float* kernel,
        float* bias,
        Maps output,
        Maps? residual,
        Affine affine
    );

    /// <summary>output = keep·activation(factor·raw + addend) + residual; output may be raw.</summary>
    public abstract void Finish(
        IWorkers workers,
        Maps raw,
        Maps output,
        Maps? residual,
        Affine affine
    );

    /// <summary>See <see cref="VoxelPasses.AddGradientSums"/>.</summary>
    public abstract void AddGradientSums(
        IWorkers workers,
        Maps raw,
        Maps gradient,
        Affine affine,
        Span<double> sums
    );

    /// <summary>See <see cref="WidePasses.Finish"/>.</summary>
    public abstract void Finish(IWorkers workers, WideMaps raw, WideMaps output, Affine[] affines);

    /// <summary>See <see cref="WidePasses.AddGradientSums"/>.</summary>
    public abstract void AddGradientSums(
        IWorkers workers,
        WideMaps raw,
        WideMaps gradient,
        Affine[] affines,
        Span<double> sums
    );

    /// <summary>See <see cref="WidePasses.Backward"/>.</summary>
    public abstract void Backward(
        IWorkers workers,
        WideMaps raw,
        WideMaps gradient,
        WideMaps ofRaw,
        Affine[] affines,
        BackwardAffine[] statistics
    );

    /// <summary>The gradients of the convolution, from that of what was made of it; see <see cref="Convolution.Backward"/>.</summary>
    public abstract void Backward(
        IWorkers workers,
        Convolution convolution,
        Maps input,
        Raw raw,
        float* kernel,
        Maps? ofInput,
        Span<double> ofKernel,
        Span<double> ofBias
    );

    /// <summary>Likewise of a transposed one; see <see cref="Convolution.TransposedBackward"/>.</summary>
    public abstract void TransposedBackward(
        IWorkers workers,
        Convolution convolution,
        Maps input,
        Raw raw,
        float* kernel,
        Maps? ofInput,
        Span<double> ofKernel
    );

    /// <summary>What the backward pass reads of a convolution's answer.</summary>
    /// <param name="Values">The answer as it was stored.</param>
    /// <param name="Gradient">Of what was made of it.</param>
    /// <param name="Affine">As forward.</param>
    /// <param name="Statistics">What the norm adds.</param>
    public readonly record struct Raw(
        Maps Values,
        Maps Gradient,
        Affine Affine,
        BackwardAffine Statistics
    );
}

/// <inheritdoc />
internal sealed unsafe class Epilogue<TActivation>(TActivation activation) : Epilogue
    where TActivation : struct, IActivation
{
    public override void Predict(
        IWorkers workers,
        Convolution convolution,
        Maps input,
        float* kernel,
        float* bias,
        Maps output,
        Maps? residual,
        Affine affine
    ) =>
        convolution.Forward(
            workers,
            new Plain(input),
            kernel,
            bias,
            new Finished<TActivation>(output, residual, affine, activation),
            []
        );

    public override void Finish(
        IWorkers workers,
        Maps raw,
        Maps output,
        Maps? residual,
        Affine affine
    ) => VoxelPasses.Finish(workers, raw, output, residual, affine, activation);

    public override void AddGradientSums(
        IWorkers workers,
        Maps raw,
        Maps gradient,
        Affine affine,
        Span<double> sums
    ) => VoxelPasses.AddGradientSums(workers, raw, gradient, affine, activation, sums);

    public override void Finish(
        IWorkers workers,
        WideMaps raw,
        WideMaps output,
        Affine[] affines
    ) => WidePasses.Finish(workers, raw, output, affines, activation);

    public override void AddGradientSums(
        IWorkers workers,
        WideMaps raw,
        WideMaps gradient,
        Affine[] affines,
        Span<double> sums
    ) => WidePasses.AddGradientSums(workers, raw, gradient, affines, activation, sums);

    public override void Backward(
        IWorkers workers,
        WideMaps raw,
        WideMaps gradient,
        WideMaps ofRaw,
        Affine[] affines,
        BackwardAffine[] statistics
    ) => WidePasses.Backward(workers, raw, gradient, ofRaw, affines, statistics, activation);

    public override void Backward(
        IWorkers workers,
        Convolution convolution,
        Maps input,
        Raw raw,
        float* kernel,
        Maps? ofInput,
        Span<double> ofKernel,
        Span<double> ofBias
    ) =>
        convolution.Backward(
            workers,
            new Plain(input),
            Source(raw),
            kernel,
            ofInput is { } maps ? new Stored(maps, convolution.Geometry.Stride) : null,
            ofKernel,
            ofBias
        );

    public override void TransposedBackward(
        IWorkers workers,
        Convolution convolution,
        Maps input,
        Raw raw,
        float* kernel,
        Maps? ofInput,
        Span<double> ofKernel
    ) =>
        convolution.TransposedBackward(
            workers,
            new Plain(input),
            Source(raw),
            kernel,
            ofInput is { } maps ? new Stored(maps, Extent.All(1)) : null,
            ofKernel
        );

    private Unfinished<TActivation> Source(Raw raw) =>
        new(raw.Values, raw.Gradient, raw.Affine, raw.Statistics, activation);
}
