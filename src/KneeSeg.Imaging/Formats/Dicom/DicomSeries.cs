using System.Globalization;

namespace KneeSeg.Imaging;

/// <summary>The files of one DICOM series, checked to be one volume: one plane, one shape, even steps, plain pixels.</summary>
/// <param name="Slices">In the order of the volume.</param>
/// <param name="Step">Millimetres from slice to slice; null for a single file.</param>
internal sealed record DicomSeries(IReadOnlyList<DicomSlice> Slices, double? Step)
{
    private const uint SeriesTag = 0x0020000E;
    private const uint PositionTag = 0x00200032;
    private const uint OrientationTag = 0x00200037;
    private const uint FramesTag = 0x00280008;
    private const uint RowsTag = 0x00280010;
    private const uint ColumnsTag = 0x00280011;
    private const uint SamplesTag = 0x00280002;
    private const uint BitsTag = 0x00280100;

    // Scanners round positions to a micrometre or ten; a slice that is missing is far more.
    private const double UnevenShare = 0.05;

    private static readonly Dictionary<string, string> CompressedSyntaxes = new()
    {
        ["1.2.840.10008.1.2.1.99"] = "deflate",
        ["1.2.840.10008.1.2.4.50"] = "JPEG baseline",
        ["1.2.840.10008.1.2.4.51"] = "JPEG extended",
        ["1.2.840.10008.1.2.4.57"] = "JPEG lossless",
        ["1.2.840.10008.1.2.4.70"] = "JPEG lossless",
        ["1.2.840.10008.1.2.4.80"] = "JPEG-LS lossless",
        ["1.2.840.10008.1.2.4.81"] = "JPEG-LS",
        ["1.2.840.10008.1.2.4.90"] = "JPEG 2000 lossless",
        ["1.2.840.10008.1.2.4.91"] = "JPEG 2000",
        ["1.2.840.10008.1.2.5"] = "run lengths (RLE)",
    };

    /// <summary>Reads the headers of all files in a folder.</summary>
    /// <exception cref="ProblemException">They are not one plain volume (exit 3); says which file, and why.</exception>
    public static DicomSeries Read(string folder)
    {
        DicomSlice[] slices =
        [
            .. Directory
                .GetFiles(folder)
                .Order(StringComparer.Ordinal)
                .Where(IsNoIndex)
                .Select(ReadSlice),
        ];
        if (slices.Length == 0)
            throw Bad(
                folder,
                "it is a folder without DICOM files",
                "Give a file in it, or the folder of one series"
            );
        var series = slices.Select(slice => slice.Series).Distinct().ToArray();
        if (series.Length > 1)
            throw Bad(
                folder,
                $"it holds {series.Length} series: "
                    + $"{Path.GetFileName(slices[0].Path)} is of another than "
                    + Path.GetFileName(slices.First(slice => slice.Series == series[1]).Path),
                "Put each series into a folder of its own"
            );
        if (slices is [_])
            return new(slices, null);
        return Ordered(folder, slices);
    }

    private static DicomSeries Ordered(string folder, DicomSlice[] slices)
    {
        foreach (var slice in slices)
        {
            if (slice.Orientation.Length != 6 || slice.Position.Length != 3)
                throw Bad(
                    slice.Path,
                    "it says no position and orientation",
                    "Export the series again with ImagePositionPatient, or leave this file out"
                );
            if (!slice.IsParallelTo(slices[0]))
                throw Bad(
                    slice.Path,
                    $"its plane or shape differs from that of {Path.GetFileName(slices[0].Path)}",
                    "Leave localisers and other planes out of the folder"
                );
        }
        var ordered = slices.OrderBy(slice => slice.Depth).ToArray();
        var step = (ordered[^1].Depth - ordered[0].Depth) / (ordered.Length - 1);
        var typical = Typical(ordered);
        for (var i = 1; i < ordered.Length; i++)
        {
            var apart = ordered[i].Depth - ordered[i - 1].Depth;
            if (Math.Abs(apart - typical) > UnevenShare * typical)
                throw Bad(
                    folder,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"slices are {typical:0.###} mm apart, but {Path.GetFileName(ordered[i - 1].Path)} and {Path.GetFileName(ordered[i].Path)} {apart:0.###} mm"
                    ),
                    apart < typical / 2
                        ? "Take the slice out that is there twice"
                        : "Export the series again; slices are missing between the two"
                );
        }
        return new(ordered, step);
    }

    private static double Typical(DicomSlice[] ordered)
    {
        var steps = ordered.Zip(ordered.Skip(1), (a, b) => b.Depth - a.Depth).Order().ToArray();
        return Math.Max(steps[steps.Length / 2], 1e-6);
    }

    private static bool IsNoIndex(string path) =>
        !Path.GetFileName(path).Equals("DICOMDIR", StringComparison.OrdinalIgnoreCase);

    private static DicomSlice ReadSlice(string path)
    {
        var elements = DicomElements.Read(path);
        if (CompressedSyntaxes.TryGetValue(elements.TransferSyntax, out var compression))
            throw Bad(
                path,
                $"its pixels are compressed by {compression} ({elements.TransferSyntax})",
                "Unpack it first: dcmdjpeg for JPEG, dcmdrle for RLE, dcmconv for deflate, or gdcmconv --raw for any"
            );
        var (rows, columns) = (elements.Short(RowsTag) ?? 0, elements.Short(ColumnsTag) ?? 0);
        var frames = int.TryParse(elements.Text(FramesTag), CultureInfo.InvariantCulture, out var n)
            ? Math.Max(n, 1)
            : 1;
        var pixels = (long)rows * columns * frames * (elements.Short(SamplesTag) ?? 1);
        var needed = pixels * (elements.Short(BitsTag) ?? 16) / 8;
        if (needed == 0 || elements.PixelBytes is null)
            throw Bad(path, "it holds no image", "Leave it out of the folder");
        if (Math.Min(elements.PixelBytes.Value, elements.PixelBytesThere) < needed)
            throw Bad(
                path,
                $"its pixels need {needed:N0} bytes, but it has {Math.Min(elements.PixelBytes.Value, elements.PixelBytesThere):N0}",
                "Copy or export the series again; the file is cut short"
            );
        return new(
            path,
            elements.Text(SeriesTag) ?? "",
            rows,
            columns,
            frames,
            Numbers(elements.Text(OrientationTag)),
            Numbers(elements.Text(PositionTag))
        );
    }

    private static double[] Numbers(string? text)
    {
        var words = text?.Split('\\') ?? [];
        var numbers = new double[words.Length];
        for (var i = 0; i < words.Length; i++)
            if (!double.TryParse(words[i], CultureInfo.InvariantCulture, out numbers[i]))
                return [];
        return numbers;
    }

    private static ProblemException Bad(string where, string what, string fix) =>
        new(ExitCode.Data, where, what, fix);
}
