using KneeSeg.Dsl;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>
/// The module of one operation, with its weights. Feature maps are <c>[N, C, (D,) H, W]</c> of the pass's type; a vector
/// is a map of one voxel.
/// </summary>
internal abstract class NetworkModule() : nn.Module(nameof(NetworkModule))
{
    /// <summary>Computes the node's value from its arguments'.</summary>
    /// <returns>A new handle, which the network disposes after its last use.</returns>
    public abstract Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass);

    /// <summary>The tensors that it predicts with, by name.</summary>
    public virtual IEnumerable<(string Name, Tensor Value)> InferenceTensors() =>
        named_parameters(recurse: false)
            .Select(pair => (pair.name, (Tensor)pair.parameter))
            .Concat(named_buffers(recurse: false).Select(pair => (pair.name, pair.buffer)));
}

/// <summary>A convolution or a transposed one: what a block of kernels needs of it.</summary>
internal interface IFilters
{
    ConvOp Op { get; }

    /// <summary>The kernel as it is used; a new handle.</summary>
    Tensor Kernel();

    /// <summary>The bias; null without one.</summary>
    Tensor? Bias { get; }
}

/// <summary>An operation without weights or state.</summary>
internal sealed class StatelessModule(Func<IReadOnlyList<Tensor>, Tensor> compute) : NetworkModule
{
    /// <summary>An operation of a single argument.</summary>
    public static StatelessModule Of(Func<Tensor, Tensor> compute) =>
        new(arguments => compute(arguments[0]));

    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass) =>
        compute(arguments);
}
