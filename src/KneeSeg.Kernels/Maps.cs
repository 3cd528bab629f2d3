namespace KneeSeg.Kernels;

/// <summary>A number per spatial axis. Images have depth 1.</summary>
internal readonly record struct Extent(int Depth, int Height, int Width)
{
    /// <summary>One number for all axes.</summary>
    public static Extent All(int length) => new(length, length, length);

    public nint Plane => (nint)Height * Width;

    public nint Voxels => Depth * Plane;

    public int this[int axis] =>
        axis switch
        {
            0 => Depth,
            1 => Height,
            _ => Width,
        };

    /// <summary>A function of each axis.</summary>
    public static Extent Of(Func<int, int> axis) => new(axis(0), axis(1), axis(2));
}

/// <summary>
/// Feature maps of one image, float32: each channel is <c>[D, H, W]</c> without gaps, at an address of its own, so that a
/// concatenation costs nothing.
/// </summary>
/// <param name="Size">Of each channel.</param>
/// <param name="Channels">Their addresses.</param>
internal readonly record struct Maps(Extent Size, nint[] Channels)
{
    /// <summary>Channels that follow each other in memory, <c>[C, D, H, W]</c>.</summary>
    public static unsafe Maps At(float* first, int channels, Extent size) =>
        new(size, [.. Enumerable.Range(0, channels).Select(c => (nint)(first + c * size.Voxels))]);

    public int Count => Channels.Length;

    /// <summary>Whether they are larger than the caches, so that written values are not found there again.</summary>
    public bool ExceedCaches => Count * Size.Voxels > 2 << 20;

    public unsafe float* this[int channel] => (float*)Channels[channel];

    /// <summary>The channels of several maps of one size.</summary>
    public static Maps Concat(IReadOnlyList<Maps> maps) =>
        new(maps[0].Size, [.. maps.SelectMany(one => one.Channels)]);
}
