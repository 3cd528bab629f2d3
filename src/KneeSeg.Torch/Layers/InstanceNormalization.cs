using KneeSeg.Dsl;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>Instance normalization: (x − mean) / std per channel of each image (Ulyanov et al. 2016).</summary>
internal sealed class InstanceNormalization(NormOp op, WeightInitialization weights)
    : Normalization(op, weights)
{
    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass) =>
        nn.functional.instance_norm(arguments[0], weight: Gamma, bias: Beta, eps: Op.Epsilon);
}
