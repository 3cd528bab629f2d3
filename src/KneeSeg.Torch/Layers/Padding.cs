using static TorchSharp.torch;

namespace KneeSeg.Torch;

/// <summary>Voxels added to a map's sides or cut off, each side of each axis on its own.</summary>
internal static class Padding
{
    /// <summary>Whether both sides of every axis are the same, which libtorch's own operations can do.</summary>
    public static bool IsEven(int[] before, int[] after) => before.AsSpan().SequenceEqual(after);

    /// <summary>The map with voxels of one value around it.</summary>
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

    /// <summary>Sizes as libtorch takes them.</summary>
    public static long[] Long(int[] sizes) => Array.ConvertAll(sizes, size => (long)size);
}
