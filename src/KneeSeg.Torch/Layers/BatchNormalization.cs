using KneeSeg.Dsl;
using static TorchSharp.torch;

namespace KneeSeg.Torch;

/// <summary>
/// Each channel less its mean, over its deviation: the batch's in training, running ones when predicting
/// (Ioffe and Szegedy 2015). Statistics are float32 whatever the maps are.
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

    /// <summary>What it multiplies each channel by and then adds, with its running statistics; float32.</summary>
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
            // Its statistics have moved the first time.
            pass.IsRepeated
                ? 0
                : Op.Momentum,
            Op.Epsilon
        );
}
