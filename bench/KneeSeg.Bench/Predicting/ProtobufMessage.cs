using System.Text;

namespace KneeSeg.Bench.Predicting;

/// <summary>A message in Protocol Buffers' wire format: fields by number, one after the other.</summary>
internal sealed class ProtobufMessage
{
    private const int VarInt = 0;
    private const int Bytes = 2;
    private const int Single = 5;

    private readonly MemoryStream stream = new();

    /// <summary>Adds a whole number.</summary>
    public ProtobufMessage Add(int field, long value)
    {
        Write((ulong)(field << 3 | VarInt));
        Write((ulong)value);
        return this;
    }

    /// <summary>Adds a number of single precision.</summary>
    public ProtobufMessage Add(int field, float value)
    {
        Write((ulong)(field << 3 | Single));
        stream.Write(BitConverter.GetBytes(value));
        return this;
    }

    /// <summary>Adds bytes.</summary>
    public ProtobufMessage Add(int field, ReadOnlySpan<byte> value)
    {
        Write((ulong)(field << 3 | Bytes));
        Write((ulong)value.Length);
        stream.Write(value);
        return this;
    }

    /// <summary>Adds a text.</summary>
    public ProtobufMessage Add(int field, string value) =>
        Add(field, Encoding.UTF8.GetBytes(value));

    /// <summary>Adds a message.</summary>
    public ProtobufMessage Add(int field, ProtobufMessage value) => Add(field, value.ToArray());

    /// <summary>The whole message.</summary>
    public byte[] ToArray() => stream.ToArray();

    // Seven bits a byte, the lowest first; the eighth says that there are more.
    private void Write(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            stream.WriteByte((byte)(value | 0x80));
        stream.WriteByte((byte)value);
    }
}
