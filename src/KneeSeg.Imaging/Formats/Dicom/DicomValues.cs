using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace KneeSeg.Imaging.Formats.Dicom;

/// <summary>Elements by tag. A frame's own elements take precedence over those that all frames share.</summary>
/// <param name="bigEndian">The byte order of binary values.</param>
/// <param name="shared">The fallback for missing elements.</param>
internal sealed class DicomValues(bool bigEndian, DicomValues? shared = null)
{
    private readonly Dictionary<uint, byte[]> values = [];

    /// <summary>Adds an element; the first of a tag counts.</summary>
    public void Add(uint tag, byte[] value) => values.TryAdd(tag, value);

    /// <summary>The value of an element as it is stored, or null where it is missing.</summary>
    public byte[]? Bytes(uint tag) =>
        values.TryGetValue(tag, out var value) ? value : shared?.Bytes(tag);

    /// <summary>The value of an element as text, or null where it is missing or empty.</summary>
    public string? Text(uint tag) =>
        Bytes(tag) is { } value
        && Encoding.UTF8.GetString(value).Trim('\0', ' ') is { Length: > 0 } text
            ? text
            : null;

    /// <summary>The value of an element that has numbers as text; empty where it is missing or has anything else.</summary>
    public double[] Numbers(uint tag)
    {
        var words = Text(tag)?.Split('\\') ?? [];
        var numbers = new double[words.Length];
        for (var i = 0; i < words.Length; i++)
            if (
                !double.TryParse(words[i], CultureInfo.InvariantCulture, out numbers[i])
                || !double.IsFinite(numbers[i])
            )
                return [];
        return numbers;
    }

    /// <summary>The value of an element that has one binary number: two or four bytes are whole, eight a double.</summary>
    public double? Binary(uint tag) =>
        Bytes(tag) switch
        {
            { Length: 2 } two => bigEndian
                ? BinaryPrimitives.ReadUInt16BigEndian(two)
                : BinaryPrimitives.ReadUInt16LittleEndian(two),
            { Length: 4 } four => bigEndian
                ? BinaryPrimitives.ReadUInt32BigEndian(four)
                : BinaryPrimitives.ReadUInt32LittleEndian(four),
            { Length: 8 } eight => bigEndian
                ? BinaryPrimitives.ReadDoubleBigEndian(eight)
                : BinaryPrimitives.ReadDoubleLittleEndian(eight),
            _ => null,
        };
}

/// <summary>DICOM tags in use (DICOM PS3.6).</summary>
internal static class DicomTag
{
    public const uint TransferSyntax = 0x00020010;
    public const uint CharacterSet = 0x00080005;
    public const uint ImageType = 0x00080008;
    public const uint Class = 0x00080016;
    public const uint Instance = 0x00080018;
    public const uint AcquisitionTime = 0x00080032;
    public const uint SeriesDescription = 0x0008103E;
    public const uint FrameType = 0x00089007;
    public const uint Patient = 0x00100020;
    public const uint SliceThickness = 0x00180050;
    public const uint RepetitionTime = 0x00180080;
    public const uint EchoTime = 0x00180081;
    public const uint InversionTime = 0x00180082;
    public const uint EchoNumber = 0x00180086;
    public const uint SliceSpacing = 0x00180088;
    public const uint Protocol = 0x00181030;
    public const uint TriggerTime = 0x00181060;
    public const uint FlipAngle = 0x00181314;
    public const uint EffectiveEchoTime = 0x00189082;
    public const uint Study = 0x0020000D;
    public const uint Series = 0x0020000E;
    public const uint SeriesNumber = 0x00200011;
    public const uint AcquisitionNumber = 0x00200012;
    public const uint Position = 0x00200032;
    public const uint Orientation = 0x00200037;
    public const uint FrameOfReference = 0x00200052;
    public const uint TemporalPosition = 0x00200100;
    public const uint PlanePosition = 0x00209113;
    public const uint TemporalPositionIndex = 0x00209128;
    public const uint FrameAcquisitionNumber = 0x00209156;
    public const uint Samples = 0x00280002;
    public const uint Frames = 0x00280008;
    public const uint Rows = 0x00280010;
    public const uint Columns = 0x00280011;
    public const uint PixelSpacing = 0x00280030;
    public const uint Bits = 0x00280100;
    public const uint StoredBits = 0x00280101;
    public const uint HighBit = 0x00280102;
    public const uint Signed = 0x00280103;
    public const uint Lossy = 0x00282110;
    public const uint SegmentationType = 0x00620001;
    public const uint Segments = 0x00620002;
    public const uint PropertyCategory = 0x00620003;
    public const uint SegmentNumber = 0x00620004;
    public const uint SegmentLabel = 0x00620005;
    public const uint SegmentIdentification = 0x0062000A;
    public const uint SegmentReference = 0x0062000B;
    public const uint PropertyType = 0x0062000F;
    public const uint SharedGroups = 0x52009229;
    public const uint FrameGroups = 0x52009230;
    public const uint PixelData = 0x7FE00010;
}
