using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace KneeSeg.Kernels.Winograd;

/// <summary>Sixteen channels, or the last eight, of maps <c>[N, D, H, W, C]</c>.</summary>
/// <param name="first">Their address in the first voxel.</param>
/// <param name="stride">Floats to the next voxel: C.</param>
internal readonly unsafe struct ChannelBlock(float* first, nint stride)
{
    public float* First => first;

    public nint Stride => stride;

    /// <summary>The blocks of maps that are concatenated: all but the last have a multiple of 16 channels.</summary>
    /// <param name="maps">Their first numbers.</param>
    /// <param name="channels">Of each.</param>
    public static ChannelBlock[] Of(nint[] maps, int[] channels) =>
        [.. maps.Zip(channels, Of).SelectMany(blocks => blocks)];

    private static ChannelBlock[] Of(nint map, int channels)
    {
        var blocks = new ChannelBlock[Count(channels)];
        for (var i = 0; i < blocks.Length; i++)
            blocks[i] = new((float*)map + 16 * i, channels);
        return blocks;
    }

    /// <summary>The blocks of so many channels.</summary>
    public static int Count(int channels) => (channels + 15) / 16;

    /// <summary>Whether a block has but eight channels.</summary>
    public static bool IsHalf(int block, int channels) => channels - block * 16 < 16;

    /// <summary>A voxel's channels; those that a half block lacks are 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(float* from, bool isHalf) =>
        isHalf ? Vector256.Load(from).ToVector512() : Vector512.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(V value, float* to, bool isHalf)
    {
        if (isHalf)
            value.GetLower().Store(to);
        else
            value.Store(to);
    }
}
