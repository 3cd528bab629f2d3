using System.Buffers.Binary;
using System.Text;

namespace KneeSeg.Imaging;

/// <summary>
/// The elements of a DICOM file up to its pixels, those inside sequences left out
/// (DICOM PS3.5, https://dicom.nema.org/medical/dicom/current/output/html/part05.html).
/// </summary>
internal sealed class DicomElements
{
    /// <summary>The tag of the pixels; its value is not read.</summary>
    public const uint PixelData = 0x7FE00010;

    private const uint TransferSyntaxTag = 0x00020010;
    private const uint Item = 0xFFFEE000;
    private const uint SequenceEnd = 0xFFFEE0DD;
    private const uint Undefined = uint.MaxValue;
    private const int MostValueBytes = 1 << 16;
    private const int DeepestSequence = 16;

    private static readonly HashSet<string> LongForms =
    [
        "OB",
        "OD",
        "OF",
        "OL",
        "OV",
        "OW",
        "SQ",
        "SV",
        "UC",
        "UN",
        "UR",
        "UT",
        "UV",
    ];

    private readonly string path;
    private readonly FileStream stream;
    private readonly Dictionary<uint, byte[]> values = [];
    private bool bigEndian;
    private bool isExplicit = true;

    private DicomElements(string path, FileStream stream) =>
        (this.path, this.stream) = (path, stream);

    /// <summary>How the file is encoded, a UID.</summary>
    public string TransferSyntax => Text(TransferSyntaxTag) ?? "";

    /// <summary>Bytes that the pixels are said to have; null when they are in compressed pieces or missing.</summary>
    public long? PixelBytes { get; private set; }

    /// <summary>Bytes that are left for them in the file.</summary>
    public long PixelBytesThere { get; private set; }

    /// <summary>Whether a file begins as DICOM files do.</summary>
    public static bool AreIn(string path)
    {
        using var stream = InputFile.Open(path);
        return HasMagic(path, stream);
    }

    /// <summary>Reads a file's elements.</summary>
    /// <exception cref="ProblemException">It is no DICOM file, or a damaged one (exit 3).</exception>
    public static DicomElements Read(string path)
    {
        using var stream = InputFile.Open(path);
        if (!HasMagic(path, stream))
            throw new ProblemException(
                ExitCode.Data,
                path,
                "it is no DICOM file",
                "Keep nothing but the slices of one series in the folder"
            );
        DicomElements elements = new(path, stream);
        elements.ReadAll();
        return elements;
    }

    /// <summary>The value of an element as text, or null.</summary>
    public string? Text(uint tag) =>
        values.TryGetValue(tag, out var value)
            ? Encoding.ASCII.GetString(value).Trim('\0', ' ')
            : null;

    /// <summary>The value of an element as a whole number of two bytes, or null.</summary>
    public int? Short(uint tag) =>
        values.TryGetValue(tag, out var value) && value.Length >= 2
            ? bigEndian
                ? BinaryPrimitives.ReadUInt16BigEndian(value)
                : BinaryPrimitives.ReadUInt16LittleEndian(value)
            : null;

    private static bool HasMagic(string path, FileStream stream)
    {
        Span<byte> start = stackalloc byte[132];
        return InputFile.ReadUpTo(path, stream, start) == start.Length
            && start[128..].SequenceEqual("DICM"u8);
    }

    private void ReadAll()
    {
        while (stream.Position < stream.Length)
        {
            var at = stream.Position;
            var tag = ReadTag();
            // Group 2 is always explicit and little-endian; what it says holds from the next group on.
            if (tag >> 16 != 2 && isExplicit && !bigEndian && SetSyntax())
            {
                stream.Position = at;
                tag = ReadTag();
            }
            var length = ReadLength();
            if (tag == PixelData)
            {
                PixelBytes = length == Undefined ? null : length;
                PixelBytesThere = stream.Length - stream.Position;
                return;
            }
            if (length == Undefined)
                SkipSequence(0);
            else if (length <= MostValueBytes)
                values[tag] = ReadBytes((int)length);
            else
                Skip(length);
        }
    }

    private bool SetSyntax()
    {
        var wasPlain = (isExplicit, bigEndian);
        isExplicit = TransferSyntax != "1.2.840.10008.1.2";
        bigEndian = TransferSyntax == "1.2.840.10008.1.2.2";
        return (isExplicit, bigEndian) != wasPlain;
    }

    private uint ReadTag()
    {
        var bytes = ReadBytes(4);
        return bigEndian
            ? BinaryPrimitives.ReadUInt32BigEndian(bytes)
            : (uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16
                | BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(2));
    }

    private uint ReadLength()
    {
        if (!isExplicit)
            return ReadUInt32();
        var form = ReadBytes(4);
        if (!LongForms.Contains(Encoding.ASCII.GetString(form, 0, 2)))
            return bigEndian
                ? BinaryPrimitives.ReadUInt16BigEndian(form.AsSpan(2))
                : BinaryPrimitives.ReadUInt16LittleEndian(form.AsSpan(2));
        return ReadUInt32();
    }

    private uint ReadUInt32()
    {
        var bytes = ReadBytes(4);
        return bigEndian
            ? BinaryPrimitives.ReadUInt32BigEndian(bytes)
            : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    private void SkipSequence(int depth)
    {
        if (depth > DeepestSequence)
            throw Damaged();
        while (true)
        {
            var (tag, length) = (ReadTag(), ReadUInt32());
            if (tag == SequenceEnd)
                return;
            if (tag != Item)
                throw Damaged();
            if (length != Undefined)
                Skip(length);
            else
                SkipItem(depth);
        }
    }

    private void SkipItem(int depth)
    {
        const uint itemEnd = 0xFFFEE00D;
        while (ReadTag() is var tag)
        {
            if (tag == itemEnd)
            {
                ReadUInt32();
                return;
            }
            var length = ReadLength();
            if (length == Undefined)
                SkipSequence(depth + 1);
            else
                Skip(length);
        }
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
            "its DICOM elements are damaged or cut short",
            "Copy or export the series again"
        );
}
