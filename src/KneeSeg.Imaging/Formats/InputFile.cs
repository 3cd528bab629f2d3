using System.IO.Compression;

namespace KneeSeg.Imaging.Formats;

/// <summary>Opens and reads files with uniform errors.</summary>
internal static class InputFile
{
    private const string CopyAgain = "Copy or download the file again";

    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="ProblemException">It is missing or can't be opened (exit 3).</exception>
    public static FileStream Open(string path)
    {
        if (Directory.Exists(path))
            throw new ProblemException(ExitCode.Data, path, "it is a folder", "Pass a file in it");
        if (!File.Exists(path))
            throw new ProblemException(ExitCode.Data, path, "file not found", "Check the path");
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(
                ExitCode.Data,
                path,
                $"it can't be opened ({e.Message.TrimEnd('.')})",
                "Check its permissions",
                e
            );
        }
    }

    /// <summary>Opens a file for reading, decompressed if its first bytes are gzip's, whatever its name.</summary>
    /// <exception cref="ProblemException">It is missing or can't be opened (exit 3).</exception>
    public static UnzippedFile OpenUnzipped(string path)
    {
        var file = Open(path);
        var zipped = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
        file.Position = 0;
        Stream stream = zipped
            ? new GZipStream(new TerminatedStream(file), CompressionMode.Decompress)
            : file;
        return new(path, stream, file.Length, zipped);
    }

    /// <summary>Fills the span up to the end of the stream.</summary>
    /// <returns>The number of bytes read.</returns>
    /// <exception cref="ProblemException">The disk or the compressed stream fails (exit 3).</exception>
    public static int ReadUpTo(string path, Stream stream, Span<byte> bytes)
    {
        try
        {
            return stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        }
        catch (InvalidDataException e)
        {
            throw new ProblemException(
                ExitCode.Data,
                path,
                "its compressed stream is damaged or truncated",
                CopyAgain,
                e
            );
        }
        catch (IOException e)
        {
            throw new ProblemException(
                ExitCode.Data,
                path,
                $"it can't be read ({e.Message.TrimEnd('.')})",
                CopyAgain,
                e
            );
        }
    }
}

/// <summary>An open file that may be gzipped.</summary>
/// <param name="Path">Named in errors.</param>
/// <param name="Stream">Its content, unzipped.</param>
/// <param name="Length">Bytes on disk.</param>
/// <param name="Zipped">Whether those are compressed.</param>
internal sealed record UnzippedFile(string Path, Stream Stream, long Length, bool Zipped)
{
    /// <summary>A warning if the extension does not match the content, since other programs rely on it.</summary>
    public string? ZipWarning =>
        Zipped == Path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? null
        : Zipped
            ? $"{System.IO.Path.GetFileName(Path)} is compressed although its name does not end in .gz"
        : $"{System.IO.Path.GetFileName(Path)} is not compressed although its name ends in .gz";

    /// <summary>Fills the span.</summary>
    /// <exception cref="ProblemException">The file ends early (exit 3); the given error.</exception>
    public void ReadExactly(Span<byte> bytes, Func<ProblemException> ended)
    {
        if (InputFile.ReadUpTo(Path, Stream, bytes) < bytes.Length)
            throw ended();
    }

    /// <summary>Skips bytes.</summary>
    /// <exception cref="ProblemException">The file ends early (exit 3); the given error.</exception>
    public void Skip(long count, Func<ProblemException> ended)
    {
        var buffer = new byte[Math.Min(count, 1 << 16)];
        for (; count > 0; count -= buffer.Length)
            ReadExactly(buffer.AsSpan(0, (int)Math.Min(count, buffer.Length)), ended);
    }
}

/// <summary>
/// A gzip file with an empty member appended. .NET treats the end of the file as the end of gzip data; with this, a
/// truncated file runs into the appended bytes and fails its checksum, while a complete one is unaffected.
/// </summary>
internal sealed class TerminatedStream(Stream file) : Stream
{
    private static ReadOnlySpan<byte> EmptyMember =>
        [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    private int appended;

    /// <inheritdoc />
    public override bool CanRead => true;

    /// <inheritdoc />
    public override bool CanSeek => false;

    /// <inheritdoc />
    public override bool CanWrite => false;

    /// <inheritdoc />
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc />
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc />
    public override int Read(Span<byte> buffer)
    {
        if (file.Read(buffer) is var read and > 0)
            return read;
        var rest = EmptyMember[appended..];
        rest = rest[..Math.Min(rest.Length, buffer.Length)];
        rest.CopyTo(buffer);
        appended += rest.Length;
        return rest.Length;
    }

    /// <inheritdoc />
    public override int Read(byte[] buffer, int offset, int count) =>
        Read(buffer.AsSpan(offset, count));

    /// <inheritdoc />
    public override void Flush() { }

    /// <inheritdoc />
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException();

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            file.Dispose();
        base.Dispose(disposing);
    }
}
