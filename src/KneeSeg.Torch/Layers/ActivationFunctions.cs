using KneeSeg.Dsl;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>The activations that learn nothing.</summary>
internal static class ActivationFunctions
{
    /// <summary>An activation as a function of a feature map.</summary>
    public static Func<Tensor, Tensor> Of(Activation activation) =>
        activation switch
        {
            { IsRelu: true } => x => x.relu(),
            Activation.LeakyRelu { Slope: var slope } => x => x.leaky_relu(slope),
            { IsElu: true } => x => x.elu(),
            Activation.Celu { Alpha: var alpha } => x => x.celu(alpha),
            { IsSelu: true } => x => x.selu(),
            { IsRelu6: true } => x => x.relu6(),
            { IsGelu: true } => x => x.gelu(),
            { IsGeluTanh: true } => x => x.gelu(GELU.Approximate.tanh),
            { IsSilu: true } => x => x.silu(),
            { IsHardSwish: true } => x => x.hardswish(),
            { IsMish: true } => Mish,
            { IsSoftplus: true } => x => x.softplus(),
            { IsSigmoid: true } => x => x.sigmoid(),
            { IsHardSigmoid: true } => x => x.hardsigmoid(),
            { IsTanh: true } => x => x.tanh(),
            // TorchSharp's hardtanh hands back its argument.
            { IsHardTanh: true } => x => x.clamp(-1, 1),
            { IsChannelSoftmax: true } => OverChannels.Softmax,
            _ => throw new NotSupportedException($"{activation} has no function"),
        };

    // TorchSharp does not bind libtorch's own.
    private static Tensor Mish(Tensor x)
    {
        Tensor gate;
        using (var softplus = x.softplus())
            gate = softplus.tanh();
        using (gate)
            return x * gate;
    }
}

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
