using KneeSeg.Dsl;
using static TorchSharp.torch;

namespace KneeSeg.Torch;

/// <summary>Each group of channels of each image less its mean, over its deviation (Wu and He 2018).</summary>
internal sealed class GroupNormalization(NormOp op, int groups, WeightInitialization weights)
    : Normalization(op, weights)
{
    // Libtorch 2.10's gradient of beta without gamma reads a gamma that is not there.
    private readonly Tensor? ones = op.Gamma ? null : weights.Statistic(1, op.Channels);

    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass)
    {
        using var map = Taught(arguments[0]);
        using var gamma = pass.Cast(Gamma ?? ones);
        using var beta = pass.Cast(Beta);
        return nn.functional.group_norm(map, groups, gamma, beta, Op.Epsilon);
    }

    // And it writes the map's gradient even where the map, an image, wants none.
    private static Tensor Taught(Tensor map) =>
        !is_grad_enabled() || map.requires_grad ? map.alias() : map.detach().requires_grad_();
}
