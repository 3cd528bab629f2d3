using KneeSeg.Dsl;
using static TorchSharp.torch;

namespace KneeSeg.Torch;

/// <summary>Each channel of each image less its mean, over its deviation (Ulyanov et al. 2016).</summary>
internal sealed class InstanceNormalization(NormOp op, WeightInitialization weights)
    : Normalization(op, weights)
{
    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass) =>
        nn.functional.instance_norm(arguments[0], weight: Gamma, bias: Beta, eps: Op.Epsilon);
}
