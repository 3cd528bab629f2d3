using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace KneeSeg.Imaging.Formats.Dicom;

/// <summary>
/// Labels as a DICOM Segmentation object that refers to the series of their image (DICOM PS3.3, A.51): a binary segment for
/// each structure, on the rows, columns and positions of the series' own slices. The first segment has a frame for each
/// slice, so that readers know the whole stack; the others only where they have voxels, or one empty frame.
/// </summary>
public sealed class DicomSegmentation
{
    private const string Maker = "KneeSeg";

    private readonly DicomSeries series;
    private readonly Volume<byte> labels;
    private readonly IReadOnlyList<CodedSegment> segments;
    private readonly SegmentationAlgorithm algorithm;

    // Whether texts are UTF-8: the source's own, which are copied, may have another character set.
    private readonly bool isUnicode;

    private DicomSegmentation(
        DicomSeries series,
        Volume<byte> labels,
        IReadOnlyList<CodedSegment> segments,
        SegmentationAlgorithm algorithm
    )
    {
        (this.series, this.labels) = (series, labels);
        (this.segments, this.algorithm) = (segments, algorithm);
        isUnicode = First.Values.Text(DicomTag.CharacterSet) is null or "ISO_IR 6" or "ISO_IR 192";
    }

    /// <summary>The object's SOPInstanceUID, new for each object.</summary>
    public string Instance { get; } = NewUid();

    /// <summary>Its SeriesInstanceUID: a series of its own.</summary>
    public string Series { get; } = NewUid();

    /// <summary>What it refers to.</summary>
    public SegmentationSource Source => SegmentationSource.Of(series);

    /// <summary>Makes a segmentation of a series.</summary>
    /// <param name="image">The folder or file of the series, with a selection where it holds several volumes.</param>
    /// <param name="labels">On the grid of the image.</param>
    /// <param name="segments">The structures, numbered from 1 without gaps.</param>
    /// <param name="algorithm">What made the labels.</param>
    /// <exception cref="ProblemException">The series can't be read, or has changed (exit 3).</exception>
    public static DicomSegmentation Of(
        string image,
        Volume<byte> labels,
        IReadOnlyList<CodedSegment> segments,
        SegmentationAlgorithm algorithm
    )
    {
        var series = DicomSeries.Open(VolumePath.Of(image));
        return series.Grid.Difference(labels.Grid) is null
            ? new(series, labels, segments, algorithm)
            : throw new ProblemException(
                ExitCode.Data,
                image,
                "its slices have changed since they were read",
                "Predict it again once the series is complete"
            );
    }

    /// <summary>Refuses an image that no segmentation can refer to. An unreadable series is left to its reader.</summary>
    /// <param name="image">The image's path.</param>
    /// <exception cref="ProblemException">It is not DICOM, or lacks identifiers (exit 2).</exception>
    public static void CheckSource(string image)
    {
        var path = VolumePath.Of(image);
        var isDicom = Directory.Exists(path.Place)
            ? DicomFolder.IsIn(path.Place)
            : File.Exists(path.Place) && DicomStart.IsIn(path.Place);
        if (!isDicom)
            throw new ProblemException(
                ExitCode.Usage,
                image,
                "it is not a DICOM series, to which a DICOM segmentation must refer",
                "Pass the folder of the series, or choose another --format"
            );
        DicomSeries series;
        try
        {
            series = DicomSeries.Open(path);
        }
        catch (ProblemException e) when (e.Exit == ExitCode.Data)
        {
            return;
        }
        foreach (var file in series.Files)
        foreach (var (tag, name) in SegmentationSource.Identifiers)
            if (file.Elements.Values.Text(tag) is null)
                throw new ProblemException(
                    ExitCode.Usage,
                    file.Path,
                    $"it has no {name}, to which a DICOM segmentation must refer",
                    "Export the series again, or choose another --format"
                );
    }

    /// <summary>Writes the object.</summary>
    /// <exception cref="ProblemException">The file can't be written (exit 6).</exception>
    public void Write(string path)
    {
        (int Segment, int Slice)[] frames = [.. Frames()];
        var dataset = Dataset(frames);
        AtomicFile.Write(
            path,
            stream =>
            {
                stream.Write(new byte[128]);
                stream.Write("DICM"u8);
                var header = Header().ToArray();
                DicomDataset length = new() { { 0x00020000, "UL", Number(header.Length) } };
                length.Write(stream);
                stream.Write(header);
                dataset.Write(stream);
            }
        );
    }

    private DicomImage First => series.Images[0];

    private DicomDataset Header() =>
        new()
        {
            { 0x00020001, "OB", (byte[])[0, 1] },
            { 0x00020002, "UI", DicomFile.SegmentationClass },
            { 0x00020003, "UI", Instance },
            { DicomTag.TransferSyntax, "UI", DicomSyntax.Explicit },
            // Of this writer, fixed forever.
            { 0x00020012, "UI", "2.25.218931765301422879034216608721163927541" },
            { 0x00020013, "SH", Maker },
        };

    private DicomDataset Dataset((int Segment, int Slice)[] frames)
    {
        var now = DateTime.Now;
        var organization = NewUid();
        DicomDataset Dimension(uint pointer, uint group) =>
            new()
            {
                { 0x00209164, "UI", organization },
                { 0x00209165, "AT", (ushort)(pointer >> 16), (ushort)pointer },
                { 0x00209167, "AT", (ushort)(group >> 16), (ushort)group },
            };
        DicomDataset dataset = new()
        {
            { DicomTag.CharacterSet, "CS", CharacterSet },
            { DicomTag.ImageType, "CS", @"DERIVED\PRIMARY" },
            { DicomTag.Class, "UI", DicomFile.SegmentationClass },
            { DicomTag.Instance, "UI", Instance },
            { 0x00080023, "DA", now.ToString("yyyyMMdd", CultureInfo.InvariantCulture) },
            { 0x00080033, "TM", now.ToString("HHmmss", CultureInfo.InvariantCulture) },
            { 0x00080060, "CS", "SEG" },
            { 0x00080070, "LO", Maker },
            { DicomTag.SeriesDescription, "LO", $"Segmentation by {Maker}" },
            { 0x00081090, "LO", Text(algorithm.Name) },
            { 0x00081115, SourceSeries() },
            // The checkpoint is what tells two devices of one model apart.
            { 0x00181000, "LO", Text(algorithm.Checkpoint) },
            { 0x00181020, "LO", Text(algorithm.Version) },
            { DicomTag.Series, "UI", Series },
            { DicomTag.SeriesNumber, "IS", $"{SeriesNumber}" },
            { 0x00200013, "IS", "1" },
            {
                0x00209221,
                new DicomDataset { { 0x00209164, "UI", organization } }
            },
            {
                0x00209222,
                Dimension(DicomTag.SegmentReference, DicomTag.SegmentIdentification),
                Dimension(DicomTag.Position, DicomTag.PlanePosition)
            },
            { DicomTag.Samples, "US", 1 },
            { 0x00280004, "CS", "MONOCHROME2" },
            { DicomTag.Frames, "IS", $"{frames.Length}" },
            { DicomTag.Rows, "US", (ushort)First.Size.Y },
            { DicomTag.Columns, "US", (ushort)First.Size.X },
            { DicomTag.Bits, "US", 1 },
            { DicomTag.StoredBits, "US", 1 },
            { DicomTag.HighBit, "US", 0 },
            { DicomTag.Signed, "US", 0 },
            { DicomTag.Lossy, "CS", series.Files.Any(file => file.IsLossy) ? "01" : "00" },
            { DicomTag.SegmentationType, "CS", "BINARY" },
            { DicomTag.Segments, segments.Select(Described) },
            { 0x00620013, "CS", "NO" },
            { 0x00700080, "CS", "SEGMENTATION" },
            { 0x00700081, "LO", Text($"Segmentation by {algorithm.Network}") },
            { 0x00700084, "PN", "" },
            { DicomTag.SharedGroups, Shared() },
            { DicomTag.FrameGroups, frames.Select(frame => Frame(frame.Segment, frame.Slice)) },
            { DicomTag.PixelData, "OB", Pixels(frames) },
        };
        foreach (var (tag, form, isRequired) in Copied)
            // Some files pad UIDs with a space, which is not allowed.
            if (form == "UI")
                dataset.Add(tag, form, First.Values.Text(tag)!);
            else if (First.Values.Bytes(tag) is { } value)
                dataset.Add(tag, form, value);
            else if (isRequired)
                dataset.Add(tag, form, "");
        return dataset;
    }

    // Of the patient, the study and the frame of reference; what is required may be empty.
    private static readonly (uint Tag, string Form, bool IsRequired)[] Copied =
    [
        (0x00080020, "DA", true),
        (0x00080030, "TM", true),
        (0x00080050, "SH", true),
        (0x00080090, "PN", true),
        (0x00081030, "LO", false),
        (0x00100010, "PN", true),
        (DicomTag.Patient, "LO", true),
        (0x00100021, "LO", false),
        (0x00100030, "DA", true),
        (0x00100040, "CS", true),
        (DicomTag.Study, "UI", true),
        (0x00200010, "SH", true),
        (DicomTag.FrameOfReference, "UI", true),
        (0x00201040, "LO", true),
    ];

    private byte[] CharacterSet =>
        isUnicode ? "ISO_IR 192"u8.ToArray() : First.Values.Bytes(DicomTag.CharacterSet)!;

    // Beyond the scanner's own, which have up to four digits.
    private int SeriesNumber =>
        int.TryParse(First.File.SeriesNumber, out var number) && number is >= 0 and < 100_000
            ? 10_000 + number
            : 10_000;

    private DicomDataset SourceSeries() =>
        new()
        {
            { DicomTag.Series, "UI", First.File.Series },
            { 0x0008114A, series.Files.Select(Reference) },
        };

    private static DicomDataset Reference(DicomFile file) =>
        new()
        {
            { 0x00081150, "UI", file.Elements.Values.Text(DicomTag.Class)! },
            { 0x00081155, "UI", file.Elements.Values.Text(DicomTag.Instance)! },
        };

    private DicomDataset Described(CodedSegment segment)
    {
        DicomDataset dataset = new()
        {
            { DicomTag.PropertyCategory, Code(segment.Category) },
            { DicomTag.SegmentNumber, "US", (ushort)segment.Number },
            { DicomTag.SegmentLabel, "LO", Text(segment.Name) },
            {
                0x00620007,
                new DicomDataset
                {
                    { 0x0066002F, Code(new("123110", "DCM", "Artificial Intelligence")) },
                    { 0x00660031, "LO", Text(algorithm.Version) },
                    { 0x00660036, "LO", Text(algorithm.Name) },
                }
            },
            { 0x00620008, "CS", "AUTOMATIC" },
            { 0x00620009, "LO", Text(algorithm.Name) },
            { 0x0062000D, "US", CieLab.Of(segment.Color) },
            { DicomTag.PropertyType, Code(segment.Type, (0x00620011, segment.Side)) },
        };
        if (segment.Region is { } region)
            dataset.Add(0x00082218, Code(region, (0x00082220, segment.RegionModifier)));
        return dataset;
    }

    private static DicomDataset Code(
        CodedConcept concept,
        (uint Tag, CodedConcept? Concept) modifier = default
    )
    {
        DicomDataset dataset = new()
        {
            { 0x00080100, "SH", concept.Code },
            { 0x00080102, "SH", concept.Scheme },
            { 0x00080104, "LO", concept.Meaning },
        };
        if (modifier.Concept is { } modified)
            dataset.Add(modifier.Tag, Code(modified));
        return dataset;
    }

    private DicomDataset Shared()
    {
        var apart = Decimal(series.Grid.Spacing.Z);
        return new()
        {
            {
                0x00209116,
                new DicomDataset
                {
                    { DicomTag.Orientation, "DS", First.Values.Bytes(DicomTag.Orientation)! },
                }
            },
            {
                0x00289110,
                new DicomDataset
                {
                    {
                        DicomTag.SliceThickness,
                        "DS",
                        First.Values.Bytes(DicomTag.SliceThickness) ?? apart
                    },
                    { DicomTag.SliceSpacing, "DS", apart },
                    { DicomTag.PixelSpacing, "DS", First.Values.Bytes(DicomTag.PixelSpacing)! },
                }
            },
        };
    }

    private DicomDataset Frame(int segment, int slice)
    {
        var image = series.Images[slice];
        var source = Reference(image.File);
        if (image.File.Frames > 1)
            source.Add(0x00081160, "IS", $"{image.Frame + 1}");
        source.Add(
            0x0040A170,
            Code(new("121322", "DCM", "Source image for image processing operation"))
        );
        return new()
        {
            {
                0x00209111,
                new DicomDataset
                {
                    { 0x00209157, "UL", [.. Number(segment), .. Number(slice + 1)] },
                }
            },
            {
                DicomTag.PlanePosition,
                new DicomDataset
                {
                    { DicomTag.Position, "DS", image.Values.Bytes(DicomTag.Position)! },
                }
            },
            {
                DicomTag.SegmentIdentification,
                new DicomDataset { { DicomTag.SegmentReference, "US", (ushort)segment } }
            },
            {
                0x00089124,
                new DicomDataset
                {
                    { 0x00082112, source },
                    { 0x00089215, Code(new("113076", "DCM", "Segmentation")) },
                }
            },
        };
    }

    private IEnumerable<(int Segment, int Slice)> Frames()
    {
        var slices = series.Images.Count;
        var each = labels.Voxels.Length / slices;
        var isIn = new bool[256, slices];
        for (var slice = 0; slice < slices; slice++)
            foreach (var label in labels.Voxels.AsSpan(slice * each, each))
                isIn[label, slice] = true;
        foreach (var segment in segments)
        {
            var number = segment.Number;
            int[] occupied = [.. Enumerable.Range(0, slices).Where(slice => isIn[number, slice])];
            foreach (
                var slice in number == 1 ? Enumerable.Range(0, slices)
                : occupied is [] ? [0]
                : occupied
            )
                yield return (number, slice);
        }
    }

    // Bit after bit, the least significant first, without a gap between frames.
    private byte[] Pixels((int Segment, int Slice)[] frames)
    {
        var (columns, rows) = (First.Size.X, First.Size.Y);
        var bytes = new byte[((long)frames.Length * rows * columns + 7) / 8];
        var at = 0L;
        foreach (var (segment, slice) in frames)
            for (var row = 0; row < rows; row++)
            {
                // The volume has the last row first.
                var start = columns * (rows - 1 - row + rows * slice);
                foreach (var label in labels.Voxels.AsSpan(start, columns))
                {
                    if (label == segment)
                        bytes[at >> 3] |= (byte)(1 << (int)(at & 7));
                    at++;
                }
            }
        return bytes;
    }

    private string Text(string text)
    {
        var shortened = text.Length > 64 ? text[..64] : text;
        return string.Concat(
            shortened.Select(letter =>
                letter == '\\' ? '/'
                : isUnicode || char.IsAscii(letter) ? letter
                : '?'
            )
        );
    }

    // At most 16 characters.
    private static byte[] Decimal(double value) =>
        Encoding.ASCII.GetBytes(value.ToString("0.#########", CultureInfo.InvariantCulture));

    private static byte[] Number(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }

    // DICOM PS3.5, B.2: a UUID in decimal.
    private static string NewUid() =>
        $"2.25.{new BigInteger(Guid.NewGuid().ToByteArray(bigEndian: true), isUnsigned: true, isBigEndian: true)}";
}

/// <summary>What made a segmentation.</summary>
/// <param name="Name">The algorithm's name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Network">The network's name.</param>
/// <param name="Checkpoint">SHA-256 of its weights.</param>
public sealed record SegmentationAlgorithm(
    string Name,
    string Version,
    string Network,
    string Checkpoint
);
