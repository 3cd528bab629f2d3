using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>Pads or crops feature maps, each side of each axis by its own amount.</summary>
internal static class Padding
{
    /// <summary>Whether the padding is symmetric, which libtorch's own operations support.</summary>
    public static bool IsEven(int[] before, int[] after) => before.AsSpan().SequenceEqual(after);

    /// <summary>The map padded with a constant.</summary>
    public static Tensor Pad(Tensor map, int[] before, int[] after, double value)
    {
        // Libtorch counts axes from the last.
        long[] sides =
        [
            .. before
                .Zip(after)
                .Reverse()
                .SelectMany(side => new long[] { side.First, side.Second }),
        ];
        return nn.functional.pad(map, sides, value: value);
    }

    /// <summary>The map with voxels of zeros, or without outermost voxels where a number is negative; channels last.</summary>
    public static Tensor Resize(Tensor map, int[] before, int[] after)
    {
        using var resized = Pad(map, before, after, 0);
        return ChannelsLast.Of(resized);
    }

    /// <summary>The map without its outermost voxels, channels last.</summary>
    public static Tensor Crop(Tensor map, int[] before, int[] after)
    {
        using var scope = NewDisposeScope();
        var inside = map;
        for (var axis = 0; axis < before.Length; axis++)
            inside = inside.narrow(
                axis + 2,
                before[axis],
                inside.shape[axis + 2] - before[axis] - after[axis]
            );
        return ChannelsLast.Of(inside).MoveToOuterDisposeScope();
    }

    /// <summary>Sizes as 64-bit integers.</summary>
    public static long[] Long(int[] sizes) => Array.ConvertAll(sizes, size => (long)size);
}
