namespace KneeSeg.Imaging.Formats.Dicom;

/// <summary>Transfer syntaxes: how the elements and pixels of a DICOM file are encoded.</summary>
internal static class DicomSyntax
{
    public const string Implicit = "1.2.840.10008.1.2";
    public const string Explicit = "1.2.840.10008.1.2.1";
    public const string BigEndian = "1.2.840.10008.1.2.2";
    public const string Deflated = "1.2.840.10008.1.2.1.99";

    /// <summary>The program that decodes pixels.</summary>
    public const string Converter = "dcm2niix";

    /// <summary>The fix for pixels that can't be read.</summary>
    public const string Unpack =
        "Decompress it first: dcmdjpeg for JPEG, dcmdjpls for JPEG-LS, dcmdrle for RLE, dcmconv for deflate, or gdcmconv --raw for any";

    // Whether dcm2niix reads these depends on how it was built.
    private static readonly Dictionary<string, string> Compressed = new()
    {
        ["1.2.840.10008.1.2.4.50"] = "JPEG baseline",
        ["1.2.840.10008.1.2.4.51"] = "JPEG extended",
        ["1.2.840.10008.1.2.4.57"] = "JPEG lossless",
        ["1.2.840.10008.1.2.4.70"] = "JPEG lossless",
        ["1.2.840.10008.1.2.4.80"] = "JPEG-LS lossless",
        ["1.2.840.10008.1.2.4.81"] = "JPEG-LS",
        ["1.2.840.10008.1.2.4.90"] = "JPEG 2000 lossless",
        ["1.2.840.10008.1.2.4.91"] = "JPEG 2000",
        ["1.2.840.10008.1.2.4.201"] = "HTJ2K lossless",
        ["1.2.840.10008.1.2.4.202"] = "HTJ2K lossless",
        ["1.2.840.10008.1.2.4.203"] = "HTJ2K",
        ["1.2.840.10008.1.2.5"] = "run-length encoding (RLE)",
    };

    /// <summary>By what pixels are compressed, with the UID; null where they are not.</summary>
    public static string? CompressionOf(string syntax) =>
        Compressed.TryGetValue(syntax, out var name) ? $"{name} ({syntax})" : null;

    /// <summary>Whether pixels were always compressed with loss.</summary>
    public static bool IsLossy(string syntax) =>
        Compressed.GetValueOrDefault(syntax) is "JPEG baseline" or "JPEG extended" or "JPEG-LS";

    /// <summary>Refuses encodings that no converter supports.</summary>
    /// <exception cref="ProblemException">The file is deflated, a video, or encoded in an unknown way (exit 3).</exception>
    public static void Check(string path, string syntax)
    {
        var known =
            syntax is "" or Implicit or Explicit or BigEndian || Compressed.ContainsKey(syntax);
        if (!known)
            throw new ProblemException(
                ExitCode.Data,
                path,
                syntax == Deflated
                    ? $"the whole file is deflate-compressed ({syntax})"
                    : $"its pixels are a video or in an unknown encoding ({syntax})",
                Unpack
            );
    }
}

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
