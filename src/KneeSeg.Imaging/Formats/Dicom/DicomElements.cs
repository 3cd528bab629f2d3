using System.Buffers.Binary;
using System.Text;

namespace KneeSeg.Imaging.Formats.Dicom;

/// <summary>
/// The elements of a DICOM file up to its pixels. Of sequences, only those are read that describe the frames of a
/// multi-frame file and the segments of a segmentation (DICOM PS3.5, https://dicom.nema.org/medical/dicom/current/output/html/part05.html).
/// </summary>
internal sealed class DicomElements
{
    private const uint Item = 0xFFFEE000;
    private const uint ItemEnd = 0xFFFEE00D;
    private const uint SequenceEnd = 0xFFFEE0DD;
    private const uint Undefined = uint.MaxValue;
    private const int MostValueBytes = 1 << 16;
    private const int DeepestSequence = 16;

    private static readonly HashSet<string> LongForms =
    [
        .. "OB OD OF OL OV OW SQ SV UC UN UR UT UV".Split(' '),
    ];

    // Their content belongs to the frame whose item they are in.
    private static readonly HashSet<uint> FrameSequences =
    [
        0x00189114, // MREchoSequence
        0x00189226, // MRImageFrameTypeSequence
        0x00209111, // FrameContentSequence
        DicomTag.PlanePosition,
        0x00209116, // PlaneOrientationSequence
        0x00289110, // PixelMeasuresSequence
        DicomTag.SegmentIdentification,
    ];

    private readonly string path;
    private readonly FileStream stream;
    private readonly List<DicomValues> frames = [];
    private readonly List<DicomValues> segments = [];
    private DicomValues values = new(bigEndian: false);
    private DicomValues? shared;
    private bool inHeader = true;
    private bool isExplicit = true;

    private DicomElements(string path, FileStream stream) =>
        (this.path, this.stream) = (path, stream);

    /// <summary>The elements of the whole file.</summary>
    public DicomValues Values => values;

    /// <summary>The elements of each frame of a multi-frame file; empty for others.</summary>
    public IReadOnlyList<DicomValues> Frames => frames;

    /// <summary>The elements of each segment of a segmentation; empty for others.</summary>
    public IReadOnlyList<DicomValues> Segments => segments;

    /// <summary>How the file is encoded, a UID.</summary>
    public string TransferSyntax { get; private set; } = "";

    /// <summary>The byte order of binary values.</summary>
    public bool IsBigEndian => !inHeader && TransferSyntax == DicomSyntax.BigEndian;

    /// <summary>Where the pixels begin, in bytes.</summary>
    public long PixelStart { get; private set; }

    /// <summary>Bytes that the pixels are said to have; null when they are in compressed pieces or missing.</summary>
    public long? PixelBytes { get; private set; }

    /// <summary>Bytes that are left for them in the file.</summary>
    public long PixelBytesThere { get; private set; }

    /// <summary>Whether there are pixels at all.</summary>
    public bool HasPixels { get; private set; }

    /// <summary>Reads a file's elements; of a deflated one the transfer syntax alone.</summary>
    /// <exception cref="ProblemException">It is not a DICOM file, or is damaged (exit 3).</exception>
    public static DicomElements Read(string path)
    {
        using var stream = InputFile.Open(path);
        if (DicomStart.Find(path, stream) is not { } start)
            throw new ProblemException(
                ExitCode.Data,
                path,
                "it is not a DICOM file",
                "Keep only the slices of one series in the folder"
            );
        DicomElements elements = new(path, stream)
        {
            isExplicit = start.Syntax != DicomSyntax.Implicit,
            TransferSyntax = start.Syntax,
        };
        stream.Position = start.Offset;
        elements.ReadAll();
        return elements;
    }

    private void ReadAll()
    {
        while (stream.Position < stream.Length)
        {
            var at = stream.Position;
            var tag = ReadTag();
            // Group 2 is always explicit and little-endian; what it says holds from the next group on.
            if (inHeader && tag >> 16 != 2)
            {
                inHeader = false;
                TransferSyntax = values.Text(DicomTag.TransferSyntax) ?? TransferSyntax;
                if (TransferSyntax == DicomSyntax.Deflated)
                    return;
                isExplicit &= TransferSyntax != DicomSyntax.Implicit;
                values = new(IsBigEndian);
                stream.Position = at;
                tag = ReadTag();
            }
            var (length, isUnknown) = ReadLength();
            if (tag == DicomTag.PixelData)
            {
                ReadPixels(length);
                return;
            }
            if (tag == DicomTag.SharedGroups)
                ReadSequence(length, 0, () => shared ??= new(IsBigEndian, values));
            else if (tag == DicomTag.FrameGroups)
                ReadSequence(length, 0, AddFrame);
            else if (tag == DicomTag.Segments)
                ReadSequence(length, 0, AddSegment);
            else
                ReadValue(values, tag, length, isUnknown, 0);
        }
    }

    private DicomValues AddFrame()
    {
        frames.Add(new(IsBigEndian, shared ?? values));
        return frames[^1];
    }

    private DicomValues AddSegment()
    {
        segments.Add(new(IsBigEndian));
        return segments[^1];
    }

    private void ReadPixels(uint length)
    {
        HasPixels = true;
        PixelStart = stream.Position;
        PixelBytesThere = stream.Length - stream.Position;
        if (length == Undefined)
            ReadSequence(length, 0, () => null);
        else
            PixelBytes = length;
    }

    private void ReadValue(DicomValues? into, uint tag, uint length, bool isUnknown, int depth)
    {
        if (length == Undefined && isUnknown && isExplicit)
        {
            // What a program did not know when it made a file explicit is implicit inside (PS3.5, 6.2.2).
            isExplicit = false;
            ReadSequence(length, depth + 1, () => null);
            isExplicit = true;
        }
        else if (length == Undefined || into is not null && FrameSequences.Contains(tag))
            ReadSequence(length, depth + 1, () => FrameSequences.Contains(tag) ? into : null);
        else if (into is not null && length <= MostValueBytes)
            into.Add(tag, ReadBytes((int)length));
        else
            Skip(length);
    }

    private void ReadSequence(uint length, int depth, Func<DicomValues?> nextItem)
    {
        if (depth > DeepestSequence)
            throw Damaged();
        var end = EndOf(length);
        while (stream.Position < end)
        {
            var (tag, itemLength) = (ReadTag(), ReadUInt32());
            if (tag == SequenceEnd)
                return;
            if (tag != Item)
                throw Damaged();
            ReadItem(itemLength, depth, nextItem());
        }
    }

    private void ReadItem(uint length, int depth, DicomValues? into)
    {
        if (into is null && length != Undefined)
        {
            Skip(length);
            return;
        }
        var end = EndOf(length);
        while (stream.Position < end)
        {
            var tag = ReadTag();
            if (tag == ItemEnd)
            {
                ReadUInt32();
                return;
            }
            var (valueLength, isUnknown) = ReadLength();
            ReadValue(into, tag, valueLength, isUnknown, depth);
        }
    }

    private long EndOf(uint length) =>
        length == Undefined ? long.MaxValue
        : length <= stream.Length - stream.Position ? stream.Position + length
        : throw Damaged();

    private uint ReadTag()
    {
        var bytes = ReadBytes(4);
        return IsBigEndian
            ? BinaryPrimitives.ReadUInt32BigEndian(bytes)
            : (uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16
                | BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(2));
    }

    private (uint Length, bool IsUnknown) ReadLength()
    {
        if (!isExplicit)
            return (ReadUInt32(), false);
        var bytes = ReadBytes(4);
        var form = Encoding.ASCII.GetString(bytes, 0, 2);
        if (LongForms.Contains(form))
            return (ReadUInt32(), form == "UN");
        var length = bytes.AsSpan(2);
        return (
            IsBigEndian
                ? BinaryPrimitives.ReadUInt16BigEndian(length)
                : BinaryPrimitives.ReadUInt16LittleEndian(length),
            false
        );
    }

    private uint ReadUInt32()
    {
        var bytes = ReadBytes(4);
        return IsBigEndian
            ? BinaryPrimitives.ReadUInt32BigEndian(bytes)
            : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    private void Skip(long count)
    {
        if (count > stream.Length - stream.Position)
            throw Damaged();
        stream.Position += count;
    }

    private byte[] ReadBytes(int count)
    {
        var bytes = new byte[count];
        return InputFile.ReadUpTo(path, stream, bytes) == count ? bytes : throw Damaged();
    }

    private ProblemException Damaged() =>
        new(
            ExitCode.Data,
            path,
            "its DICOM elements are damaged or truncated",
            "Copy or export the series again"
        );
}
