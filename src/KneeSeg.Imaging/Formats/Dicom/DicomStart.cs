namespace KneeSeg.Imaging.Formats.Dicom;

/// <summary>The offset of a DICOM file's elements and their encoding before the file's own header.</summary>
/// <param name="Offset">In bytes.</param>
/// <param name="Syntax">A transfer syntax.</param>
internal readonly record struct DicomStart(int Offset, string Syntax)
{
    private const int Preamble = 128;

    /// <summary>Whether a file begins like a DICOM file.</summary>
    public static bool IsIn(string path)
    {
        using var stream = InputFile.Open(path);
        return Find(path, stream) is not null;
    }

    /// <summary>Reads a file's first bytes; null if it is not a DICOM file.</summary>
    public static DicomStart? Find(string path, Stream stream)
    {
        Span<byte> start = stackalloc byte[Preamble + 4];
        if (InputFile.ReadUpTo(path, stream, start) < start.Length)
            return null;
        if (start[Preamble..].SequenceEqual("DICM"u8))
            return new(start.Length, DicomSyntax.Explicit);
        // Old exports have neither preamble nor header: they begin with an element at the front of group 8.
        return start switch
        {
            [8, 0, < 0x20, 0, >= (byte)'A' and <= (byte)'Z', >= (byte)'A' and <= (byte)'Z', ..] =>
                new(0, DicomSyntax.Explicit),
            [8, 0, < 0x20, 0, < 128, 0, 0, 0, ..] => new(0, DicomSyntax.Implicit),
            _ => null,
        };
    }
}
