using KneeSeg.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace KneeSeg.Training;

/// <summary>
/// Patches as tensors: image <c>[N, C, (D,) H, W]</c>, labels <c>[N, (D,) H, W]</c> as int64,
/// position <c>[N, 3]</c>.
/// </summary>
internal readonly record struct PatchBatch(Tensor Image, Tensor Labels, Tensor Position)
{
    /// <summary>Stacks patches of one size. Copies go to the device in the caller's scope.</summary>
    /// <param name="patches">At least one, all of one size.</param>
    /// <param name="imageSize">Of an image in the network's axes.</param>
    /// <param name="labelSize">Of its labels; smaller where the network collapses depth.</param>
    /// <param name="device">Where the tensors go.</param>
    public static PatchBatch Of(
        IReadOnlyList<Patch> patches,
        ReadOnlySpan<long> imageSize,
        ReadOnlySpan<long> labelSize,
        Device device
    ) =>
        new(
            Stack(patches, patch => patch.Image, [1, .. imageSize]).to(device),
            Stack(patches, patch => patch.Labels, labelSize).to(int64).to(device),
            Stack(patches, patch => patch.Position, [3]).to(device)
        );

    private static Tensor Stack<T>(
        IReadOnlyList<Patch> patches,
        Func<Patch, T[]> part,
        ReadOnlySpan<long> size
    )
        where T : unmanaged
    {
        long[] one = [1, .. size];
        return cat([.. patches.Select(patch => from_array(part(patch)).reshape(one))]);
    }
}
