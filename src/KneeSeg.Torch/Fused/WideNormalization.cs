using KneeSeg.Kernels;
using KneeSeg.Torch.Layers;
using KneeSeg.Torch.Native;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Fused;

/// <summary>A norm of wide maps with the activation and dropout behind it, as one node.</summary>
/// <param name="norm">Over batches, groups or channels.</param>
/// <param name="epilogue">The activation.</param>
/// <param name="dropout">Of channels or images; null without one.</param>
internal sealed class WideNormalization(Normalization norm, Epilogue epilogue, Dropout? dropout)
    : FusedModule
{
    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass)
    {
        using var scope = NewDisposeScope();
        var input = ChannelsLast.Of(ForwardContext.Cast(arguments[0], ScalarType.Float32));
        var one = new NormPass(
            NormStatistics.Over(norm)!,
            epilogue,
            dropout?.Factors(input.shape, pass),
            NormStatistics.Running(norm, pass)
        );
        var output = PassFunction.Of(one, [input, norm.Gamma?.alias(), norm.Beta?.alias()]);
        if (norm is BatchNormalization batch && pass.Training)
            NormStatistics.Observe(batch, one.Statistics!, pass);
        return output.MoveToOuterDisposeScope();
    }
}

/// <summary>A pass through a norm and what follows it. Its values are the input, channels last, gamma and beta.</summary>
/// <param name="norm">What statistics are over.</param>
/// <param name="epilogue">The activation.</param>
/// <param name="keep">By image and channel; null without dropout.</param>
/// <param name="running">The running statistics to use; null for those of the batch.</param>
internal sealed class NormPass(
    Norm norm,
    Epilogue epilogue,
    float[][]? keep,
    RunningStatistics? running
) : IPass
{
    private static readonly IWorkers Workers = LibtorchWorkers.Instance;

    private Affine[] lines = [];

    /// <summary>Those of the pass.</summary>
    public Statistics? Statistics { get; private set; }

    public bool KeepsValues => true;

    public Tensor Run(Tensor?[] values)
    {
        var (input, gamma, beta) = Roles(values);
        var maps = TensorMaps.Wide(input);
        Statistics = Measured(maps);
        lines =
        [
            .. Enumerable
                .Range(0, maps.Images)
                .Select(image => Statistics.Line(image, gamma, beta, keep?[image])),
        ];
        var output = ChannelsLast.Empty(input.shape);
        epilogue.Finish(Workers, maps, TensorMaps.Wide(output), lines);
        return output;
    }

    public (Tensor Output, Tensor? Kept) Forward(Tensor?[] values) => (Run(values), null);

    public Tensor?[] Backward(Tensor?[] values, bool[] isNeeded, Tensor? kept, Tensor gradient)
    {
        var (input, gamma, _) = Roles(values);
        using var map = ChannelsLast.Of(gradient);
        var (maps, gradients) = (TensorMaps.Wide(input), TensorMaps.Wide(map));
        var sums = new double[2 * maps.Images * maps.Channels];
        epilogue.AddGradientSums(Workers, maps, gradients, lines, sums);
        var (ofGamma, ofBeta) = (new double[maps.Channels], new double[maps.Channels]);
        var through = Statistics!.Backward(sums, gamma, ofGamma, ofBeta);
        var ofInput = ChannelsLast.Empty(input.shape);
        epilogue.Backward(Workers, maps, gradients, TensorMaps.Wide(ofInput), lines, through);
        return [ofInput, TensorMaps.Like(values[1], ofGamma), TensorMaps.Like(values[2], ofBeta)];
    }

    private static (Tensor Input, float[]? Gamma, float[]? Beta) Roles(Tensor?[] values) =>
        (
            values[0]!,
            values[1] is { } gamma ? TensorMaps.Numbers(gamma) : null,
            values[2] is { } beta ? TensorMaps.Numbers(beta) : null
        );

    private Statistics Measured(WideMaps maps)
    {
        var statistics = new Statistics(
            norm.Kind,
            maps.Images,
            maps.Channels,
            norm.Groups,
            maps.Voxels
        );
        if (running is not null)
            statistics.Fix(running.Means, running.Variances, running.Epsilon);
        else
        {
            var sums = new double[2 * maps.Images * maps.Channels];
            WidePasses.AddMoments(Workers, maps, sums);
            statistics.Set(sums, norm.Epsilon);
        }
        return statistics;
    }
}
