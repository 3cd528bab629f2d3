using KneeSeg.Data.Patches;
using KneeSeg.Inference.Tiling;
using static TorchSharp.torch;

namespace KneeSeg.Training;

/// <summary>
/// A batch of patches as tensors: image <c>[N, C, (D,) H, W]</c>, labels <c>[N, (D,) H, W]</c> as int64,
/// position <c>[N, 3]</c>. They live in the caller's scope.
/// </summary>
internal readonly record struct BatchTensors(Tensor Image, Tensor Labels, Tensor Position)
{
    public static BatchTensors Of(PatchBatch batch, ModelInput patch, Device device)
    {
        var count = batch.Cases.Count;
        var (depth, height, width) = patch.Size;
        var voxels = (int)patch.Size.Count;
        long[] plane = [height, width];
        long[] imageSize = patch.Kind == PatchKind.Slice ? plane : [depth, .. plane];
        long[] labelSize = patch.Kind switch
        {
            PatchKind.Slice => plane,
            PatchKind.Slab => [1, .. plane],
            _ => imageSize,
        };
        return new(
            tensor(
                batch.Images,
                [count, batch.Images.Length / (count * voxels), .. imageSize],
                device: device
            ),
            tensor(batch.Labels, [count, .. labelSize], device: device).to(int64),
            tensor(batch.Positions, [count, 3], device: device)
        );
    }
}
