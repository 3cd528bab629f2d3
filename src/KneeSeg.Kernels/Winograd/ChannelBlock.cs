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
        var blocks = new ChannelBlock[(channels + 15) / 16];
        for (var i = 0; i < blocks.Length; i++)
            blocks[i] = new((float*)map + 16 * i, channels);
        return blocks;
    }
}
