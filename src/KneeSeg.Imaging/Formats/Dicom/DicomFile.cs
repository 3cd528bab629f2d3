namespace KneeSeg.Imaging.Formats.Dicom;

/// <summary>A DICOM file: its series, and whether its pixels can be read.</summary>
internal sealed record DicomFile(string Path, DicomElements Elements)
{
    /// <summary>The SOP class of segmentations.</summary>
    public const string SegmentationClass = "1.2.840.10008.5.1.4.1.1.66.4";

    // MR and CT, classic and enhanced.
    private static readonly HashSet<string> ImageClasses =
    [
        "1.2.840.10008.5.1.4.1.1.2",
        "1.2.840.10008.5.1.4.1.1.2.1",
        "1.2.840.10008.5.1.4.1.1.4",
        "1.2.840.10008.5.1.4.1.1.4.1",
    ];

    /// <summary>The file's name.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>Its SeriesInstanceUID.</summary>
    public string Series => Text(DicomTag.Series) ?? "";

    /// <summary>The series' description.</summary>
    public string Description => Text(DicomTag.SeriesDescription) ?? Text(DicomTag.Protocol) ?? "";

    /// <summary>The series' number, which need not be unique; null where there is none.</summary>
    public string? SeriesNumber => Text(DicomTag.SeriesNumber);

    /// <summary>Patient and study.</summary>
    public (string? Patient, string? Study) Person =>
        (Text(DicomTag.Patient), Text(DicomTag.Study));

    /// <summary>
    /// Whether it is an image rather than a presentation state, report or other object; also true for an image whose pixels
    /// are missing.
    /// </summary>
    public bool IsImage =>
        Elements.HasPixels
        || Binary(DicomTag.Rows) is not null
        || ImageClasses.Contains(Text(DicomTag.Class) ?? "");

    /// <summary>Whether it has the segments of an image instead of an image.</summary>
    public bool IsSegmentation => Text(DicomTag.Class) == SegmentationClass;

    /// <summary>The declared number of images.</summary>
    public int Frames =>
        Elements.Values.Numbers(DicomTag.Frames) is [var frames] ? Math.Max(1, (int)frames) : 1;

    /// <summary>As what voxels are stored, under numpy's names.</summary>
    public string DataType =>
        $"{(Binary(DicomTag.Signed) == 1 ? "int" : "uint")}{Binary(DicomTag.Bits) ?? 16}";

    /// <summary>By what its pixels are compressed; null where they are not.</summary>
    public string? Compression => DicomSyntax.CompressionOf(Elements.TransferSyntax);

    /// <summary>Whether the pixels lost something when they were compressed.</summary>
    public bool IsLossy =>
        Text(DicomTag.Lossy) == "01" || DicomSyntax.IsLossy(Elements.TransferSyntax);

    /// <summary>Reads a file up to its pixels.</summary>
    /// <exception cref="ProblemException">It is not a DICOM file, is damaged, or has an unsupported encoding (exit 3).</exception>
    public static DicomFile Read(string path)
    {
        DicomFile file = new(path, DicomElements.Read(path));
        DicomSyntax.Check(path, file.Elements.TransferSyntax);
        return file;
    }

    /// <summary>A problem of this file.</summary>
    public ProblemException Bad(string what, string fix) => new(ExitCode.Data, Path, what, fix);

    /// <summary>Refuses pixels that can't be read.</summary>
    /// <exception cref="ProblemException">They are incomplete, have several channels or are compressed in an unsupported way (exit 3).</exception>
    public void CheckPixels()
    {
        var bits = Binary(DicomTag.Bits) ?? 16;
        if (IsSegmentation || bits == 1)
            throw Bad(
                "it is a DICOM segmentation, not an image",
                "Pass the image; a segmentation's file may stand for labels"
            );
        var samples = Binary(DicomTag.Samples) ?? 1;
        if (samples != 1)
            throw Bad(
                $"its pixels are colors of {samples} channels",
                "Remove screenshots from the folder"
            );
        var needed =
            (Binary(DicomTag.Rows) ?? 0) * (Binary(DicomTag.Columns) ?? 0) * Frames * bits / 8;
        if (needed == 0 || !Elements.HasPixels)
            throw Bad("it holds no image", "Remove it from the folder");
        if (Compression is { } compression)
        {
            if (Elements.PixelBytes is not null)
                throw Bad(
                    $"its pixels are declared as compressed by {compression} but are not stored in fragments",
                    DicomSyntax.Unpack
                );
            // Seen with versions of 2022: for RLE and JPEG 2000 it silently repeats or mixes frames.
            if (Frames > 1 && !compression.StartsWith("JPEG lossless", StringComparison.Ordinal))
                throw Bad(
                    $"its {Frames} images are compressed by {compression} in one file, whose frames {DicomSyntax.Converter} mixes up",
                    DicomSyntax.Unpack
                );
        }
        else if (Elements.PixelBytes is not { } bytes)
            throw Bad(
                "its pixels are stored in fragments, but the compression is not declared",
                "Export the series again"
            );
        else if (Math.Min(bytes, Elements.PixelBytesThere) is var there && there < needed)
            throw Bad(
                $"its pixels need {needed:N0} bytes, but it has {there:N0}",
                "Copy or export the series again; the file is truncated"
            );
    }

    private string? Text(uint tag) => Elements.Values.Text(tag);

    private double? Binary(uint tag) => Elements.Values.Binary(tag);
}
