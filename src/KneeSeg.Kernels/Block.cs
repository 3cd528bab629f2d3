namespace KneeSeg.Kernels;

/// <summary>A norm behind a convolution.</summary>
/// <param name="Kind">What statistics are over.</param>
/// <param name="Groups">Of a group norm.</param>
/// <param name="Epsilon">Is added to the variance.</param>
internal sealed record Norm(NormKind Kind, int Groups, double Epsilon);

/// <summary>What a block learns; null for what it does not have.</summary>
internal readonly unsafe struct Parameters(
    float* kernel,
    float* bias,
    float[]? gamma,
    float[]? beta
)
{
    public float* Kernel => kernel;

    public float* Bias => bias;

    public float[]? Gamma => gamma;

    public float[]? Beta => beta;
}

/// <summary>The gradients of what a block learns.</summary>
internal sealed record Gradients(double[] Kernel, double[] Bias, double[] Gamma, double[] Beta);

/// <summary>
/// A convolution, transposed or not, with what follows it, on a batch: raw = conv(input) + bias, output = keep·activation(norm(raw))
/// + residual. Between forward and backward only input and raw are kept.
/// </summary>
internal sealed unsafe class Block(
    Geometry geometry,
    bool isTransposed,
    Norm? norm,
    Epilogue epilogue,
    IWorkers workers
)
{
    private readonly Convolution convolution = new(geometry);

    public int Outputs => isTransposed ? geometry.Inputs : geometry.Outputs;

    /// <summary>Whether the output is the convolution's answer.</summary>
    public bool IsPlain => norm is null && epilogue is Epilogue<Identity>;

    public Extent OutputSize => isTransposed ? geometry.Size : geometry.OutputSize;

    /// <summary>raw = conv(input) + bias, and the statistics of the norm; null without one.</summary>
    public Statistics? Convolve(Maps[] inputs, Parameters parameters, Maps[] raw)
    {
        var each = norm is null ? 0 : 2 * Outputs;
        var sums = new double[inputs.Length * each];
        for (var n = 0; n < inputs.Length; n++)
            Convolve(inputs[n], parameters, raw[n], sums.AsSpan(n * each, each));
        if (norm is null)
            return null;
        var statistics = new Statistics(
            norm.Kind,
            inputs.Length,
            Outputs,
            norm.Groups,
            OutputSize.Voxels
        );
        statistics.Set(sums, norm.Epsilon);
        return statistics;
    }

    private void Convolve(Maps input, Parameters parameters, Maps raw, Span<double> sums)
    {
        var source = new Plain(input);
        var sink = new Stored(raw, isTransposed ? geometry.Stride : Extent.All(1));
        if (!isTransposed)
        {
            convolution.Forward(workers, source, parameters.Kernel, parameters.Bias, sink, sums);
            return;
        }
        convolution.Transposed(workers, source, parameters.Kernel, parameters.Bias, sink);
        if (sums.Length > 0)
            VoxelPasses.AddMoments(workers, raw, sums);
    }

    /// <summary>Running statistics for a batch.</summary>
    public Statistics Running(float[] means, float[] variances, double epsilon, int images)
    {
        var statistics = new Statistics(NormKind.Batch, images, Outputs, 1, OutputSize.Voxels);
        statistics.Fix(means, variances, epsilon);
        return statistics;
    }

    /// <summary>The line that the norm applies to an image, with its dropout.</summary>
    /// <param name="keep">By channel; null without dropout.</param>
    public Affine Line(Statistics? statistics, int image, Parameters parameters, float[]? keep) =>
        statistics?.Line(image, parameters.Gamma, parameters.Beta, keep)
        ?? Affine.None(Outputs, keep);

    /// <summary>output = keep·activation(line(raw)) + residual; output may be raw.</summary>
    public void Finish(Maps raw, Maps output, Maps? residual, Affine line) =>
        epilogue.Finish(workers, raw, output, residual, line);

    /// <summary>All of it in one pass, where the line is known before and nothing is kept.</summary>
    public void Predict(Maps input, Parameters parameters, Maps output, Maps? residual, Affine line)
    {
        if (isTransposed)
        {
            Convolve(input, parameters, output, []);
            Finish(output, output, residual, line);
        }
        else
            epilogue.Predict(
                workers,
                convolution,
                input,
                parameters.Kernel,
                parameters.Bias,
                output,
                residual,
                line
            );
    }

    /// <summary>All gradients but the residual's, which is that of the output.</summary>
    /// <param name="gradients">Of the outputs.</param>
    /// <param name="ofInputs">Get the gradients of the inputs; null where none are needed.</param>
    public Gradients Backward(
        Maps[] inputs,
        Parameters parameters,
        Maps[] raw,
        Maps[] gradients,
        Statistics? statistics,
        Affine[] lines,
        Maps[]? ofInputs
    )
    {
        var found = new Gradients(
            new double[geometry.Weights],
            new double[Outputs],
            new double[Outputs],
            new double[Outputs]
        );
        var each = 2 * Outputs;
        var sums = new double[inputs.Length * each];
        if (statistics is not null || isTransposed)
            for (var n = 0; n < inputs.Length; n++)
                epilogue.AddGradientSums(
                    workers,
                    raw[n],
                    gradients[n],
                    lines[n],
                    sums.AsSpan(n * each, each)
                );
        var through = statistics?.Backward(sums, parameters.Gamma, found.Gamma, found.Beta);
        for (var n = 0; n < inputs.Length; n++)
        {
            var before = new Epilogue.Raw(
                raw[n],
                gradients[n],
                lines[n],
                through?[n] ?? BackwardAffine.None(Outputs)
            );
            Maps? ofInput = ofInputs is null ? null : ofInputs[n];
            if (!isTransposed)
            {
                epilogue.Backward(
                    workers,
                    convolution,
                    inputs[n],
                    before,
                    parameters.Kernel,
                    ofInput,
                    found.Kernel,
                    found.Bias
                );
                continue;
            }
            epilogue.TransposedBackward(
                workers,
                convolution,
                inputs[n],
                before,
                parameters.Kernel,
                ofInput,
                found.Kernel
            );
            // Σ (factor·h + slope·y + offset) over the map.
            for (var c = 0; c < Outputs; c++)
                found.Bias[c] +=
                    before.Affine.Factor[c] * sums[n * each + 2 * c]
                    + OutputSize.Voxels
                        * (
                            before.Statistics.Slope[c] * (statistics?.OwnMean(n, c) ?? 0)
                            + before.Statistics.Offset[c]
                        );
        }
        // Left is rounding.
        if (statistics is { IgnoresBias: true })
            Array.Clear(found.Bias);
        return found;
    }
}
