namespace KneeSeg.Imaging;

/// <summary>An open file that may be gzipped.</summary>
/// <param name="Path">Named in errors.</param>
/// <param name="Stream">Its content, unzipped.</param>
/// <param name="Length">Bytes on disk.</param>
/// <param name="Zipped">Whether those are compressed.</param>
internal sealed record UnzippedFile(string Path, Stream Stream, long Length, bool Zipped)
{
    /// <summary>That the name says otherwise than the bytes, if it does: other programs go by the name.</summary>
    public string? ZipWarning =>
        Zipped == Path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? null
        : Zipped
            ? $"{System.IO.Path.GetFileName(Path)} is compressed, though its name does not end in .gz"
        : $"{System.IO.Path.GetFileName(Path)} is not compressed, though its name ends in .gz";

    /// <summary>Fills the span.</summary>
    /// <exception cref="ProblemException">The file ends before (exit 3), with this reason.</exception>
    public void ReadExactly(Span<byte> bytes, Func<ProblemException> ended)
    {
        if (InputFile.ReadUpTo(Path, Stream, bytes) < bytes.Length)
            throw ended();
    }

    /// <summary>Reads on over bytes that don't matter.</summary>
    /// <exception cref="ProblemException">The file ends before (exit 3), with this reason.</exception>
    public void Skip(long count, Func<ProblemException> ended)
    {
        var buffer = new byte[Math.Min(count, 1 << 16)];
        for (; count > 0; count -= buffer.Length)
            ReadExactly(buffer.AsSpan(0, (int)Math.Min(count, buffer.Length)), ended);
    }
}
