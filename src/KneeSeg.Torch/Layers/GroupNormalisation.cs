using KneeSeg.Dsl;
using static TorchSharp.torch;

namespace KneeSeg.Torch;

/// <summary>Each group of channels of each image less its mean, over its deviation (Wu and He 2018).</summary>
internal sealed class GroupNormalisation(NormOp op, int groups, NewWeights weights)
    : Normalisation(op, weights)
{
    public override Tensor Run(IReadOnlyList<Tensor> arguments, Pass pass)
    {
        using var scale = pass.Cast(Scale);
        using var shift = pass.Cast(Shift);
        return nn.functional.group_norm(arguments[0], groups, scale, shift, Op.Epsilon);
    }
}
