namespace KneeSeg.Imaging.Formats;

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
