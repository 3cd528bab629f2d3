using System.IO.Compression;

namespace KneeSeg.Imaging.Formats;

/// <summary>A volume whose voxels are one stream of numbers, compressed or not, positioned at the first of them.</summary>
/// <param name="stream">The voxels; it is closed with the volume.</param>
/// <param name="encoding">How they are stored.</param>
/// <param name="lastAxisFastest">Whether the file's last axis is fastest, as numpy's usually is, or its first.</param>
internal sealed class RawVolume(Stream stream, VoxelEncoding encoding, bool lastAxisFastest = false)
    : StoredVolume
{
    private const int BlockValues = 1 << 18;

    // Some writers pad; a longer stream is corrupt or a decompression bomb.
    private const int MostTrailingBytes = 1 << 20;

    // Deflate can't do better, so a smaller file can't hold what it declares.
    private const long MostCompression = 1032;

    /// <summary>Whether the volumes of a file follow each other voxel by voxel, or as wholes; then the stream is at this one.</summary>
    public bool IsInterleaved { get; init; }

    private int ValuesAtOnce => IsInterleaved ? Volume.Count : 1;

    private int BlockVoxels => Math.Max(1, BlockValues / ValuesAtOnce);

    private byte[] NewBlock() => new byte[BlockVoxels * ValuesAtOnce * encoding.Type.Bytes];

    /// <inheritdoc />
    public override Volume<float> ReadImage()
    {
        var voxels = VoxelMemory.Allocate<float>(Path, Grid.Size.Count);
        var raw = NewBlock();
        for (var at = 0; at < voxels.Length; at += BlockVoxels)
            ReadBlock(raw, voxels.AsSpan(at, Math.Min(BlockVoxels, voxels.Length - at)), at);
        CheckEnd(raw);
        return Ordered(voxels);
    }

    /// <inheritdoc />
    public override Volume<byte> ReadLabels(OverlapRule overlaps = OverlapRule.Lowest)
    {
        var voxels = VoxelMemory.Allocate<byte>(Path, Grid.Size.Count);
        ReadLabelBlocks((at, block) => block.CopyTo(voxels.AsSpan((int)at)));
        return Ordered(voxels);
    }

    /// <summary>Reads labels block by block, in the order of the file.</summary>
    /// <param name="take">Receives each block and how many voxels were before it.</param>
    /// <exception cref="ProblemException">The file is damaged or holds other values than labels (exit 3).</exception>
    public void ReadLabelBlocks(Action<long, ReadOnlySpan<byte>> take)
    {
        var raw = NewBlock();
        var (values, block) = (new float[BlockVoxels], new byte[BlockVoxels]);
        var labels = new LabelReading(Path);
        var count = Grid.Size.Count;
        for (var at = 0L; at < count; at += BlockVoxels)
        {
            var length = (int)Math.Min(BlockVoxels, count - at);
            ReadBlock(raw, values.AsSpan(0, length), at);
            labels.Take(values.AsSpan(0, length), block);
            take(at, block.AsSpan(0, length));
        }
        CheckEnd(raw);
        labels.Check();
    }

    /// <inheritdoc />
    public override void Dispose() => stream.Dispose();

    /// <summary>Refuses a file that can't hold the declared voxels, before memory is allocated.</summary>
    /// <param name="path">Named in the error.</param>
    /// <param name="size">As declared.</param>
    /// <param name="type">Likewise.</param>
    /// <param name="available">Bytes for voxels in the file.</param>
    /// <param name="compressed">Whether those are compressed.</param>
    /// <exception cref="ProblemException">It is too short (exit 3).</exception>
    public static void CheckLength(
        string path,
        Size3 size,
        VoxelType type,
        long available,
        bool compressed
    )
    {
        if ((compressed ? available * MostCompression : available) < size.Count * type.Bytes)
            throw Truncated(path, size, type, compressed ? null : Math.Max(0, available));
    }

    /// <summary>The error for a truncated file.</summary>
    public static ProblemException Truncated(
        string path,
        Size3 size,
        VoxelType type,
        long? present
    ) =>
        new(
            ExitCode.Data,
            path,
            $"its {size} voxels of {type.Name} need {size.Count * type.Bytes:N0} bytes, but it "
                + (present is { } bytes ? $"has {bytes:N0}" : "is too short for them"),
            "Copy or download the file again; it is truncated"
        );

    private void ReadBlock(byte[] raw, Span<float> values, long voxelsBefore)
    {
        var type = encoding.Type;
        var bytes = raw.AsSpan(0, values.Length * ValuesAtOnce * type.Bytes);
        var read = InputFile.ReadUpTo(Path, stream, bytes);
        if (read < bytes.Length)
            throw Truncated(
                Path,
                Grid.Size,
                type,
                (voxelsBefore * type.Bytes + read) / ValuesAtOnce
            );
        if (IsInterleaved)
            bytes = OfOneVolume(bytes, type.Bytes);
        type.Decode(bytes, encoding.BigEndian, encoding.Slope, encoding.Intercept, values);
    }

    private Span<byte> OfOneVolume(Span<byte> bytes, int each)
    {
        var stride = each * Volume.Count;
        for (var i = 0; i < bytes.Length / stride; i++)
            bytes.Slice(i * stride + Volume.Index * each, each).CopyTo(bytes[(i * each)..]);
        return bytes[..(bytes.Length / Volume.Count)];
    }

    // Reading a compressed stream to its end is what makes its checksum count.
    private void CheckEnd(byte[] buffer)
    {
        var isCompressed = stream is GZipStream or ZLibStream;
        var trailing = IsInterleaved ? 0 : -Volume.After(Grid.Size.Count * encoding.Type.Bytes);
        while (InputFile.ReadUpTo(Path, stream, buffer) is var read and > 0)
            if ((trailing += read) > MostTrailingBytes && isCompressed)
                throw new ProblemException(
                    ExitCode.Data,
                    Path,
                    "it continues long after the voxels that its header declares",
                    "Check the file's origin: its header does not match its data"
                );
            else if (trailing > MostTrailingBytes)
                break;
        if (trailing > 0)
            Warnings.Add("ignoring extra bytes after the voxels");
    }

    private Volume<T> Ordered<T>(T[] voxels)
        where T : unmanaged =>
        lastAxisFastest ? LastAxisFastest.Turned(Grid, voxels) : new(Grid, voxels);
}
