using KneeSeg.Dsl;
using static KneeSeg.Torch.Layers.Padding;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>Max unpooling: puts each voxel at its pooling's index, zeros elsewhere (Badrinarayanan et al. 2017).</summary>
/// <param name="op">The window of the pooling that it undoes.</param>
/// <param name="pool">The node of that pooling.</param>
internal sealed class Unpooling(WindowOp op, int pool) : NetworkModule
{
    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass)
    {
        var (size, stride) = (Long(op.Size), Long(op.Stride));
        using var scope = NewDisposeScope();
        var indices = pass.Indices(pool);
        var finer =
            size.Length == 3
                ? nn.functional.max_unpool3d(arguments[0], indices, size, stride, new long[3])
                : nn.functional.max_unpool2d(arguments[0], indices, size, stride, new long[2]);
        return Crop(finer, op.Before, op.After).MoveToOuterDisposeScope();
    }
}
