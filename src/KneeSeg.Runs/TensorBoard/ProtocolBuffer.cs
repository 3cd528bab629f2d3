using System.Text;

namespace KneeSeg.Runs.TensorBoard;

/// <summary>A message in protobuf encoding, built field by field.</summary>
internal sealed class ProtocolBuffer
{
    private readonly MemoryStream bytes = new();

    public byte[] ToArray() => bytes.ToArray();

    public ProtocolBuffer Number(int field, long value) => Tag(field, 0).Varint((ulong)value);

    public ProtocolBuffer Real(int field, double value) =>
        Tag(field, 1).Raw(BitConverter.GetBytes(value));

    public ProtocolBuffer Real(int field, float value) =>
        Tag(field, 5).Raw(BitConverter.GetBytes(value));

    public ProtocolBuffer Text(int field, string value) =>
        Bytes(field, Encoding.UTF8.GetBytes(value));

    public ProtocolBuffer Nested(int field, ProtocolBuffer value) => Bytes(field, value.ToArray());

    public ProtocolBuffer Bytes(int field, byte[] value) =>
        Tag(field, 2).Varint((ulong)value.Length).Raw(value);

    public ProtocolBuffer Then(ProtocolBuffer other) => Raw(other.ToArray());

    private ProtocolBuffer Tag(int field, int kind) => Varint((ulong)(field << 3 | kind));

    private ProtocolBuffer Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            bytes.WriteByte((byte)(value | 0x80));
        bytes.WriteByte((byte)value);
        return this;
    }

    private ProtocolBuffer Raw(ReadOnlySpan<byte> value)
    {
        bytes.Write(value);
        return this;
    }
}
