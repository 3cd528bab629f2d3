namespace KneeSeg;

/// <summary>Files that are either whole or absent: written beside their place, flushed, then renamed.</summary>
public static class AtomicFile
{
    /// <summary>Writes a file, creating its folder.</summary>
    /// <param name="path">Where the file will be.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="ProblemException">The place can't be written (exit 6).</exception>
    public static void Write(string path, Action<Stream> write)
    {
        // Random, since processes on two machines or in two containers may have the same number.
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
        catch (Exception e) when (WriteError.Says(e))
        {
            throw WriteError.Problem(
                path,
                e,
                "Choose a place that you can write to, with enough space"
            );
        }
    }

    /// <summary>Writes a text as UTF-8.</summary>
    public static void WriteText(string path, string text) =>
        Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
}
