using System.Buffers.Binary;
using System.IO.Compression;

namespace KneeSeg.Imaging;

/// <summary>Reads NIfTI-1 files, gzipped or not, of either byte order and any scalar type.</summary>
internal sealed class NiftiReader : StoredVolume
{
    private const int BlockVoxels = 1 << 18;

    // Some writers pad; a stream that goes on for longer was made to exhaust us.
    private const int MostTrailingBytes = 1 << 20;

    // Deflate can't do better, so a smaller file can't hold what it declares.
    private const long MostCompression = 1032;

    private readonly Stream stream;
    private readonly NiftiHeader header;

    private NiftiReader(Stream stream, NiftiHeader header) =>
        (this.stream, this.header) = (stream, header);

    /// <summary>Opens a file and checks its header, extensions and length.</summary>
    /// <exception cref="ProblemException">It can't be read (exit 3).</exception>
    public static NiftiReader Open(string path)
    {
        var file = InputFile.Open(path);
        try
        {
            var zipped = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
            file.Position = 0;
            Stream stream = zipped
                ? new GZipStream(new TerminatedStream(file), CompressionMode.Decompress)
                : file;

            var bytes = new byte[NiftiHeader.Length];
            if (InputFile.ReadUpTo(path, stream, bytes) < bytes.Length)
                throw new ProblemException(
                    ExitCode.Data,
                    path,
                    "it ends within its header",
                    "Copy or download the file again; it is cut short or is not NIfTI"
                );
            var header = NiftiHeader.Parse(path, bytes);
            CheckLength(path, header, file.Length, zipped);
            SkipExtensions(path, stream, header, hasExtensions: bytes[348] != 0);
            return new(stream, header)
            {
                Path = path,
                Format = "NIfTI-1",
                Grid = header.Grid,
                DataType = header.Type.Name,
                Warnings = [.. header.Warnings],
            };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public override Volume<float> ReadImage()
    {
        var voxels = VoxelMemory.Allocate<float>(Path, Grid.Size.Count);
        var raw = new byte[BlockVoxels * header.Type.Bytes];
        for (var at = 0; at < voxels.Length; at += BlockVoxels)
            ReadBlock(raw, voxels.AsSpan(at, Math.Min(BlockVoxels, voxels.Length - at)), at);
        CheckEnd(raw);
        return new(Grid, voxels);
    }

    /// <inheritdoc />
    public override Volume<byte> ReadLabels()
    {
        var voxels = VoxelMemory.Allocate<byte>(Path, Grid.Size.Count);
        var raw = new byte[BlockVoxels * header.Type.Bytes];
        var block = new float[BlockVoxels];
        var labels = new LabelReading(Path);
        for (var at = 0; at < voxels.Length; at += BlockVoxels)
        {
            var values = block.AsSpan(0, Math.Min(BlockVoxels, voxels.Length - at));
            ReadBlock(raw, values, at);
            labels.Take(values, voxels.AsSpan(at, values.Length));
        }
        CheckEnd(raw);
        labels.Check();
        return new(Grid, voxels);
    }

    /// <inheritdoc />
    public override void Dispose() => stream.Dispose();

    private void ReadBlock(byte[] raw, Span<float> values, long voxelsBefore)
    {
        var bytes = raw.AsSpan(0, values.Length * header.Type.Bytes);
        var read = InputFile.ReadUpTo(Path, stream, bytes);
        if (read < bytes.Length)
            throw Truncated(Path, header, voxelsBefore * header.Type.Bytes + read);
        header.Type.Decode(bytes, header.BigEndian, header.Slope, header.Intercept, values);
    }

    // Reading a gzip stream to its end is what makes its checksum count.
    private void CheckEnd(byte[] buffer)
    {
        long trailing = 0;
        while (InputFile.ReadUpTo(Path, stream, buffer) is var read and > 0)
            if ((trailing += read) > MostTrailingBytes && stream is GZipStream)
                throw new ProblemException(
                    ExitCode.Data,
                    Path,
                    "it goes on long after the voxels that its header declares",
                    "Check where the file comes from; its header and its voxels don't belong together"
                );
            else if (trailing > MostTrailingBytes)
                break;
        if (trailing > 0)
            Warnings.Add("bytes follow the voxels and are ignored");
    }

    private static void CheckLength(string path, NiftiHeader header, long fileLength, bool zipped)
    {
        var declared = header.Grid.Size.Count * header.Type.Bytes;
        var possible = zipped ? fileLength * MostCompression : fileLength - header.VoxelOffset;
        if (possible < declared)
            throw Truncated(path, header, zipped ? null : Math.Max(0, possible));
    }

    private static ProblemException Truncated(string path, NiftiHeader header, long? present)
    {
        var declared = header.Grid.Size.Count * header.Type.Bytes;
        var found = present is { } bytes ? $"has {bytes:N0}" : "is too short for them";
        return new(
            ExitCode.Data,
            path,
            $"its {header.Grid.Size} voxels of {header.Type.Name} need {declared:N0} bytes, but it {found}",
            "Copy or download the file again; it is cut short"
        );
    }

    private static void SkipExtensions(
        string path,
        Stream stream,
        NiftiHeader header,
        bool hasExtensions
    )
    {
        var left = header.VoxelOffset - NiftiHeader.Length;
        Span<byte> start = stackalloc byte[8];
        while (hasExtensions && left >= 16)
        {
            ReadOrFail(start);
            var size = header.BigEndian
                ? BinaryPrimitives.ReadInt32BigEndian(start)
                : BinaryPrimitives.ReadInt32LittleEndian(start);
            // Zeros are padding up to the voxels.
            var length = size == 0 ? left : size;
            if (length < 8 || length > left)
                throw new ProblemException(
                    ExitCode.Data,
                    path,
                    $"a header extension claims {size:N0} bytes where {left:N0} are left before the voxels",
                    "Write the file again without its extensions"
                );
            Skip(length - start.Length);
            left -= length;
        }
        Skip(left);

        void Skip(long bytes)
        {
            var buffer = new byte[Math.Min(bytes, 1 << 16)];
            for (; bytes > 0; bytes -= buffer.Length)
                ReadOrFail(buffer.AsSpan(0, (int)Math.Min(bytes, buffer.Length)));
        }

        void ReadOrFail(Span<byte> target)
        {
            if (InputFile.ReadUpTo(path, stream, target) < target.Length)
                throw Truncated(path, header, 0);
        }
    }
}
