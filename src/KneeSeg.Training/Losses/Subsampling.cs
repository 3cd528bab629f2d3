using static TorchSharp.torch;

namespace KneeSeg.Training.Losses;

/// <summary>Targets at the resolution of a coarser output: of k times as many voxels, every k-th.</summary>
internal static class Subsampling
{
    /// <summary>How much coarser an output <c>[N, C, …]</c> is than labels <c>[N, …]</c>, by axis.</summary>
    public static long[] Steps(Tensor labels, Tensor output) =>
        [.. labels.shape[1..].Zip(output.shape[2..], (fine, own) => fine / own)];

    /// <summary>Of a map whose last axes are those of labels.</summary>
    public static Tensor Of(Tensor map, params long[] steps) =>
        map[[TensorIndex.Ellipsis, .. steps.Select(step => TensorIndex.Slice(null, null, step))]];
}
