using System.Buffers.Binary;
using System.Collections;
using System.Text;

namespace KneeSeg.Imaging.Formats.Dicom;

/// <summary>
/// Elements of a DICOM object to write, explicit and little-endian, in the order of their tags (DICOM PS3.5, 7.1).
/// Sequences and their items have defined lengths.
/// </summary>
internal sealed class DicomDataset : IEnumerable<uint>
{
    private static readonly string[] LongForms = ["OB", "SQ"];

    private readonly SortedDictionary<uint, (string Form, byte[] Value)> elements = [];

    /// <summary>Adds an element; its value is padded to an even length.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="form">The value representation, such as <c>UI</c>.</param>
    /// <param name="value">The encoded value; may be empty.</param>
    public void Add(uint tag, string form, byte[] value)
    {
        // UIDs and bytes are padded with 0, text with a space.
        byte pad = form is "UI" or "OB" ? (byte)0 : (byte)' ';
        elements.Add(tag, (form, value.Length % 2 == 0 ? value : [.. value, pad]));
    }

    /// <summary>Adds text.</summary>
    public void Add(uint tag, string form, string text) =>
        Add(tag, form, Encoding.UTF8.GetBytes(text));

    /// <summary>Adds 16-bit numbers (US), a tag (AT) as its group and element.</summary>
    public void Add(uint tag, string form, params ushort[] numbers)
    {
        var value = new byte[2 * numbers.Length];
        for (var i = 0; i < numbers.Length; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(value.AsSpan(2 * i), numbers[i]);
        Add(tag, form, value);
    }

    /// <summary>Adds a sequence.</summary>
    public void Add(uint tag, params IEnumerable<DicomDataset> items)
    {
        using var content = new MemoryStream();
        foreach (var item in items)
        {
            var bytes = item.ToArray();
            content.Write(Tag(0xFFFEE000));
            content.Write(Length(bytes.Length));
            content.Write(bytes);
        }
        Add(tag, "SQ", content.ToArray());
    }

    /// <summary>All elements, encoded.</summary>
    public byte[] ToArray()
    {
        using var stream = new MemoryStream();
        Write(stream);
        return stream.ToArray();
    }

    /// <summary>Writes all elements.</summary>
    public void Write(Stream stream)
    {
        foreach (var (tag, (form, value)) in elements)
        {
            stream.Write(Tag(tag));
            stream.Write(Encoding.ASCII.GetBytes(form));
            stream.Write(
                LongForms.Contains(form)
                    ? [0, 0, .. Length(value.Length)]
                    : Length(value.Length).AsSpan(0, 2)
            );
            stream.Write(value);
        }
    }

    /// <summary>The tags in order.</summary>
    public IEnumerator<uint> GetEnumerator() => elements.Keys.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static byte[] Tag(uint tag) =>
        [(byte)(tag >> 16), (byte)(tag >> 24), (byte)tag, (byte)(tag >> 8)];

    private static byte[] Length(int length)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        return bytes;
    }
}
