using TorchSharp.Modules;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>ReLU with a learned slope below zero per channel, initially 0.25 (He et al. 2015).</summary>
internal sealed class ParametricRelu : NetworkModule
{
    private readonly Parameter weight;

    public ParametricRelu(int channels, WeightInitialization weights) =>
        register_parameter(nameof(weight), weight = weights.Filled(0.25, channels));

    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass)
    {
        using var slope = pass.Cast(weight)!;
        return nn.functional.prelu(arguments[0], slope);
    }
}
