using KneeSeg.Dsl;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>
/// Batch normalization: (x − mean) / std per channel, of the batch in training, of the running statistics when predicting
/// (Ioffe and Szegedy 2015). Statistics are float32 at any precision.
/// </summary>
internal sealed class BatchNormalization : Normalization
{
    private readonly Tensor running_mean;
    private readonly Tensor running_var;

    public BatchNormalization(NormOp op, WeightInitialization weights)
        : base(op, weights)
    {
        running_mean = weights.Statistic(0, op.Channels);
        running_var = weights.Statistic(1, op.Channels);
        register_buffer(nameof(running_mean), running_mean);
        register_buffer(nameof(running_var), running_var);
    }

    /// <summary>The scale and offset per channel that it amounts to with running statistics; float32.</summary>
    public (Tensor Factor, Tensor Addend) Affine()
    {
        var factor = (running_var + Op.Epsilon).rsqrt();
        if (Gamma is not null)
            factor *= Gamma;
        var addend = -running_mean * factor;
        return (factor, Beta is null ? addend : addend + Beta);
    }

    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass) =>
        nn.functional.batch_norm(
            arguments[0],
            running_mean,
            running_var,
            Gamma,
            Beta,
            pass.Training,
            // Running statistics were updated in the first pass.
            pass.IsRepeated
                ? 0
                : Op.Momentum,
            Op.Epsilon
        );
}
