using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>An operation without weights or state.</summary>
internal sealed class StatelessModule(Func<IReadOnlyList<Tensor>, Tensor> compute) : NetworkModule
{
    /// <summary>An operation of a single argument.</summary>
    public static StatelessModule Of(Func<Tensor, Tensor> compute) =>
        new(arguments => compute(arguments[0]));

    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass) =>
        compute(arguments);
}
