using KneeSeg.Dsl;
using static TorchSharp.torch;

namespace KneeSeg.Torch;

/// <summary>Each group of channels of each image less its mean, over its deviation (Wu and He 2018).</summary>
internal sealed class GroupNormalization(NormOp op, int groups, WeightInitialization weights)
    : Normalization(op, weights)
{
    // Libtorch 2.10's gradient of a shift without a scale reads a scale that is not there.
    private readonly Tensor? ones = op.Scale ? null : weights.Statistic(1, op.Channels);

    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass)
    {
        using var map = Taught(arguments[0]);
        using var scale = pass.Cast(Scale ?? ones);
        using var shift = pass.Cast(Shift);
        return nn.functional.group_norm(map, groups, scale, shift, Op.Epsilon);
    }

    // And it writes the map's gradient even where the map, an image, wants none.
    private static Tensor Taught(Tensor map) =>
        !is_grad_enabled() || map.requires_grad ? map.alias() : map.detach().requires_grad_();
}
