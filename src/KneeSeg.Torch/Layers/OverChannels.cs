using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>What is computed of the channels of each voxel, in whose format they lie side by side.</summary>
internal static class OverChannels
{
    /// <summary>The mean, as a map of one channel.</summary>
    public static Tensor Mean(Tensor map) => Of(map, voxels => voxels.mean([-1], keepdim: true));

    /// <summary>The largest, as a map of one channel; of equal ones the first has the gradient.</summary>
    public static Tensor Max(Tensor map) =>
        Of(
            map,
            voxels =>
            {
                var (values, indices) = voxels.max(-1, keepdim: true);
                indices.Dispose();
                return values;
            }
        );

    /// <summary>The index of the largest, as a map of one channel without a gradient.</summary>
    public static Tensor Argmax(Tensor map) =>
        Of(
            map,
            voxels =>
            {
                using var indices = voxels.argmax(-1, keepdim: true);
                return indices.to(voxels.dtype);
            }
        );

    /// <summary>One of so many equal groups.</summary>
    public static Tensor Group(Tensor map, int index, int groups) =>
        Of(
            map,
            voxels =>
            {
                var channels = map.shape[1] / groups;
                using var group = voxels.narrow(-1, index * channels, channels);
                return group.contiguous();
            }
        );

    /// <summary>With channels of zeros before and after.</summary>
    public static Tensor Pad(Tensor map, int before, int after) =>
        Of(map, voxels => nn.functional.pad(voxels, [before, after]));

    /// <summary>The softmax.</summary>
    public static Tensor Softmax(Tensor map) => Of(map, voxels => voxels.softmax(-1));

    /// <summary>A function of voxels <c>[N, (D,) H, W, C]</c>, applied to a feature map.</summary>
    public static Tensor Of(Tensor map, Func<Tensor, Tensor> compute)
    {
        using var voxels = ChannelsLast.Voxels(map);
        using var result = compute(voxels);
        return ChannelsLast.Map(result);
    }
}
