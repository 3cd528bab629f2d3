using static TorchSharp.torch;

namespace KneeSeg.Torch;

/// <summary>
/// What one operation of a graph does to tensors, with the weights it learns. Maps are <c>[N, C, (D,) H, W]</c> of the
/// pass's type; a vector is a map of one voxel.
/// </summary>
internal abstract class NetworkModule() : nn.Module(nameof(NetworkModule))
{
    /// <summary>Computes the node's value from its arguments'.</summary>
    /// <returns>A handle of its own, which the network disposes when nothing needs it any more.</returns>
    public abstract Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass);
}
