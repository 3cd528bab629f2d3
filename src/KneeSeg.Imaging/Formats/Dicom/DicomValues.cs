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

    /// <summary>The value of an element as text, or null where it is missing or empty.</summary>
    public string? Text(uint tag) =>
        Find(tag) is { } value
        && Encoding.ASCII.GetString(value).Trim('\0', ' ') is { Length: > 0 } text
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
        Find(tag) switch
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

    private byte[]? Find(uint tag) =>
        values.TryGetValue(tag, out var value) ? value : shared?.Find(tag);
}
