namespace KneeSeg;

/// <summary>Writes files that are either whole or absent: to a temporary file beside the target, flushed, then renamed.</summary>
public static class AtomicFile
{
    /// <summary>Writes a file, creating its folder.</summary>
    /// <param name="path">The target file.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="ProblemException">The file can't be written (exit 6).</exception>
    public static void Write(string path, Action<Stream> write)
    {
        // Random rather than the process id, which may repeat across machines or containers.
        using var temporary = Temporary.File($"{path}.{Path.GetRandomFileName()}.tmp");
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
                Directory.CreateDirectory(folder);
            using (
                var stream = new FileStream(temporary.Path, FileMode.Create, FileAccess.ReadWrite)
            )
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary.Path, path, overwrite: true);
        }
        catch (Exception e) when (WriteError.Matches(e))
        {
            throw WriteError.Problem(path, e, "Choose a writable path with enough free space");
        }
    }

    /// <summary>Writes a text as UTF-8.</summary>
    public static void WriteText(string path, string text) =>
        Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
}
