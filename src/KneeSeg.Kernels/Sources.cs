using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace KneeSeg.Kernels;

/// <summary>What a convolution reads, made of stored maps while they are copied into the ring.</summary>
internal interface ISource
{
    Extent Size { get; }

    int Channels { get; }

    /// <summary>Up to 16 voxels of a channel from an offset in its map; lanes from <paramref name="count"/> on are 0.</summary>
    V Read(int channel, nint offset, nint count);
}

/// <summary>Where a convolution's answer goes.</summary>
internal interface ISink
{
    /// <summary>Up to 16 voxels; of a phased channel, cells.</summary>
    void Write(int channel, int z, int y, int x, V value);
}

/// <summary>No source, or no sink.</summary>
internal readonly struct None : ISource, ISink
{
    public Extent Size => default;

    public int Channels => 0;

    public V Read(int channel, nint offset, nint count) => V.Zero;

    public void Write(int channel, int z, int y, int x, V value) { }
}

/// <summary>Maps as they are.</summary>
internal readonly unsafe struct Plain(Maps maps) : ISource
{
    public Extent Size => maps.Size;

    public int Channels => maps.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Read(int channel, nint offset, nint count) =>
        Vectors.Load(maps[channel] + offset, count);
}

/// <summary>
/// The gradient of raw convolutions, made of the gradient of what norm, activation and dropout made of them:
/// factor·keep·f'(factor·y + addend)·g + slope·y + offset.
/// </summary>
internal readonly unsafe struct Unfinished<TActivation>(
    Maps raw,
    Maps gradient,
    Affine affine,
    BackwardAffine backward,
    TActivation activation
) : ISource
    where TActivation : struct, IActivation
{
    public Extent Size => raw.Size;

    public int Channels => raw.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Read(int channel, nint offset, nint count)
    {
        var y = Vectors.Load(raw[channel] + offset, count);
        var g = Vectors.Load(gradient[channel] + offset, count);
        var rest = Vector512.FusedMultiplyAdd(
            y,
            Vector512.Create(backward.Slope[channel]),
            Vector512.Create(backward.Offset[channel])
        );
        var value = Vector512.FusedMultiplyAdd(
            g * Vector512.Create(affine.Factor[channel] * affine.Keep[channel]),
            activation.Derivative(affine.Of(channel, y)),
            rest
        );
        return count < Vectors.Lanes ? Vectors.First(value, count) : value;
    }
}

/// <summary>Stores answers in maps; those of phased channels in every s-th voxel.</summary>
internal readonly unsafe struct Stored(Maps maps, Extent stride) : ISink
{
    private readonly bool streams = maps.ExceedCaches;
    private readonly bool isDense = stride.Voxels == 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(int channel, int z, int y, int x, V value)
    {
        if (!isDense)
        {
            WritePhase(channel, z, y, x, value);
            return;
        }
        var at = z * maps.Size.Plane + (nint)y * maps.Size.Width + x;
        Vectors.Store(value, maps[channel] + at, maps.Size.Width - x, streams);
    }

    private void WritePhase(int channel, int z, int y, int x, V value)
    {
        var phases = (int)stride.Voxels;
        var phase = channel % phases;
        z = z * stride.Depth + phase / (int)stride.Plane;
        y = y * stride.Height + phase / stride.Width % stride.Height;
        if (z >= maps.Size.Depth || y >= maps.Size.Height)
            return;
        var to = maps[channel / phases] + z * maps.Size.Plane + (nint)y * maps.Size.Width;
        var from = (float*)&value;
        x = x * stride.Width + phase % stride.Width;
        for (var i = 0; i < Vectors.Lanes && x < maps.Size.Width; i++, x += stride.Width)
            to[x] = from[i];
    }
}

/// <summary>Stores answers after norm, activation and residual, as predicting does; never phased.</summary>
internal readonly unsafe struct Finished<TActivation>(
    Maps maps,
    Maps? residual,
    Affine affine,
    TActivation activation
) : ISink
    where TActivation : struct, IActivation
{
    private readonly bool streams = maps.ExceedCaches;
    private readonly Maps shortcut = residual ?? default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(int channel, int z, int y, int x, V value)
    {
        var at = z * maps.Size.Plane + (nint)y * maps.Size.Width + x;
        var count = maps.Size.Width - x;
        value = activation.Value(affine.Of(channel, value));
        if (shortcut.Channels is { Length: var channels })
            value += Vectors.Load(shortcut[channels == 1 ? 0 : channel] + at, count);
        Vectors.Store(value, maps[channel] + at, count, streams);
    }
}
