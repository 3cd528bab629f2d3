using KneeSeg.Dsl;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>Group normalization: (x − mean) / std over each group of channels of each image (Wu and He 2018).</summary>
internal sealed class GroupNormalization(NormOp op, int groups, WeightInitialization weights)
    : Normalization(op, weights)
{
    // In libtorch 2.10 the gradient of beta without gamma reads the missing gamma.
    private readonly Tensor? ones = op.Gamma ? null : weights.Statistic(1, op.Channels);

    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass)
    {
        using var map = WithGradient(arguments[0]);
        using var gamma = pass.Cast(Gamma ?? ones);
        using var beta = pass.Cast(Beta);
        return nn.functional.group_norm(map, groups, gamma, beta, Op.Epsilon);
    }

    // It also writes the input's gradient even if the input does not require one.
    private static Tensor WithGradient(Tensor map) =>
        !is_grad_enabled() || map.requires_grad ? map.alias() : map.detach().requires_grad_();
}
