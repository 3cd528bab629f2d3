using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using KneeSeg.Imaging;

namespace KneeSeg.Data.Preprocessing;

/// <summary>The header of a cache file; little-endian.</summary>
/// <param name="Grid">The grid.</param>
/// <param name="NonFiniteCount">The number of non-finite voxels in the image.</param>
/// <param name="ImageHash">SHA-256 of the image.</param>
/// <param name="LabelsHash">SHA-256 of the labels.</param>
/// <param name="ForegroundCounts">The number of voxels of each label; 0 for the background, whose indices are not kept.</param>
internal sealed record CacheEntryHeader(
    Grid Grid,
    long NonFiniteCount,
    byte[] ImageHash,
    byte[] LabelsHash,
    int[] ForegroundCounts
)
{
    private static readonly int FixedBytes =
        Unsafe.SizeOf<Size3>()
        + Unsafe.SizeOf<Affine>()
        + sizeof(long)
        + 2 * SHA256.HashSizeInBytes
        + sizeof(int);

    /// <summary>Of the header.</summary>
    public int Bytes => FixedBytes + ForegroundCounts.Length * sizeof(int);

    /// <summary>Of the whole file.</summary>
    /// <param name="channels">How many the image has.</param>
    public long FileBytes(int channels) =>
        Bytes
        + Grid.Size.Count * (channels * sizeof(float) + sizeof(byte))
        + ForegroundCounts.Sum(count => (long)count * sizeof(int))
        + SHA256.HashSizeInBytes;

    /// <summary>The header of a case.</summary>
    public static CacheEntryHeader Of(PreprocessedCase prepared) =>
        new(
            prepared.Grid,
            prepared.NonFiniteCount,
            prepared.ImageHash,
            prepared.LabelsHash,
            [.. prepared.ForegroundIndices.Select(indices => indices.Length)]
        );

    /// <summary>As it is written.</summary>
    public byte[] ToBytes()
    {
        using MemoryStream stream = new(Bytes);
        using BinaryWriter writer = new(stream);
        writer.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<Size3>([Grid.Size])));
        writer.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<Affine>([Grid.Affine])));
        writer.Write(NonFiniteCount);
        writer.Write(ImageHash);
        writer.Write(LabelsHash);
        writer.Write(ForegroundCounts.Length);
        foreach (var count in ForegroundCounts)
            writer.Write(count);
        return stream.ToArray();
    }

    /// <summary>Reads one.</summary>
    /// <returns>Null if the numbers are impossible; the file's hash verifies them.</returns>
    /// <exception cref="EndOfStreamException">The file is too short.</exception>
    public static CacheEntryHeader? Read(Stream stream)
    {
        using BinaryReader reader = new(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        var size = Next<Size3>(reader);
        var affine = Next<Affine>(reader);
        var nonFinite = reader.ReadInt64();
        var (image, labels) = (
            reader.ReadBytes(SHA256.HashSizeInBytes),
            reader.ReadBytes(SHA256.HashSizeInBytes)
        );
        var classes = reader.ReadInt32();
        if (!IsVolume(size) || classes is < 1 or > 256)
            return null;
        var counts = new int[classes];
        foreach (ref var count in counts.AsSpan())
            count = reader.ReadInt32();
        return counts.Min() < 0 || counts[0] != 0
            ? null
            : new(new(size, affine), nonFinite, image, labels, counts);
    }

    // The voxels must fit into an array; in two steps, since three lengths may multiply beyond any number.
    private static bool IsVolume(Size3 size) =>
        size is { X: > 0, Y: > 0, Z: > 0 }
        && (long)size.X * size.Y <= Array.MaxLength
        && size.Count <= Array.MaxLength;

    private static T Next<T>(BinaryReader reader)
        where T : unmanaged
    {
        Span<T> value = stackalloc T[1];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(value));
        return value[0];
    }
}
