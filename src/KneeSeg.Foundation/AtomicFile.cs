namespace KneeSeg;

/// <summary>Files that are either whole or absent: written beside their place, flushed, then renamed.</summary>
public static class AtomicFile
{
    // ENOSPC.
    private const int NoSpace = 28;

    /// <summary>Writes a file, creating its folder.</summary>
    /// <param name="path">Where the file will be.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="ProblemException">The place can't be written (exit 6).</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
                Directory.CreateDirectory(folder);
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch (IOException e) when (e.HResult == NoSpace)
        {
            throw new ProblemException(
                ExitCode.Resources,
                path,
                "can't be written: the disk is full",
                "Make space there, then give the same command again; what was there before is whole",
                e
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(
                ExitCode.Resources,
                path,
                $"can't be written ({e.Message.TrimEnd('.')})",
                "Choose a place that you can write to, with enough space",
                e
            );
        }
        finally
        {
            TryDelete(temporary);
        }
    }

    /// <summary>Writes a text as UTF-8.</summary>
    public static void WriteText(string path, string text) =>
        Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }
}
