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
