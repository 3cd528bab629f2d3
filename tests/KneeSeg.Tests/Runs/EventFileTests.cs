using System.Buffers.Binary;
using System.Text;
using KneeSeg.Runs.TensorBoard;
using KneeSeg.Tests.Imaging;

namespace KneeSeg.Tests.Runs;

/// <summary>TensorBoard's files, read back by the format's description.</summary>
public sealed class EventFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_checksum_is_that_of_the_format() =>
        Assert.Equal(0xE3069283u, Crc32C("123456789"u8));

    [Fact]
    public void Scalars_and_pictures_come_back_under_their_tags_and_steps()
    {
        using (var events = EventFile.Start(folder["events"], step: 300))
        {
            events.Scalar("dice/mean", 301, 0.625);
            events.Picture("validation/knee-1", 70_000, 3, 2, [1, 2, 3]);
        }
        var records = Records(Assert.Single(Directory.GetFiles(folder["events"])));
        Assert.Equal(4, records.Count);
        Assert.Equal("brain.Event:2", Encoding.UTF8.GetString((byte[])records[0][3]));
        // Starting at step 300 says that what other files have from there on does not count.
        Assert.Equal(300L, records[1][2]);
        Assert.Equal(1L, Fields((byte[])records[1][7])[1]);
        var scalar = Value(records[2]);
        Assert.Equal(301L, records[2][2]);
        Assert.Equal("dice/mean", Encoding.UTF8.GetString((byte[])scalar[1]));
        Assert.Equal(0.625f, scalar[2]);
        var picture = Fields((byte[])Value(records[3])[4]);
        Assert.Equal(70_000L, records[3][2]);
        Assert.Equal((2L, 3L, 3L), (picture[1], picture[2], picture[3]));
        Assert.Equal([1, 2, 3], (byte[])picture[4]);
    }

    private static Dictionary<int, object> Value(Dictionary<int, object> record) =>
        Fields((byte[])Fields((byte[])record[5])[1]);

    // Length, its checksum, the data, its checksum.
    private static List<Dictionary<int, object>> Records(string path)
    {
        var bytes = File.ReadAllBytes(path).AsSpan();
        var records = new List<Dictionary<int, object>>();
        while (bytes.Length > 0)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            Assert.Equal(Masked(bytes[..8]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]));
            var data = bytes.Slice(12, length);
            Assert.Equal(
                Masked(data),
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[(12 + length)..])
            );
            records.Add(Fields(data));
            bytes = bytes[(16 + length)..];
        }
        return records;
    }

    private static Dictionary<int, object> Fields(ReadOnlySpan<byte> message)
    {
        var fields = new Dictionary<int, object>();
        while (message.Length > 0)
        {
            var tag = (int)Varint(ref message);
            var length = (tag & 7) switch
            {
                1 => 8,
                5 => 4,
                2 => (int)Varint(ref message),
                _ => 0,
            };
            fields[tag >> 3] = (tag & 7) switch
            {
                0 => Varint(ref message),
                1 => BitConverter.ToDouble(message),
                5 => BitConverter.ToSingle(message),
                _ => message[..length].ToArray(),
            };
            message = message[length..];
        }
        return fields;
    }

    private static long Varint(ref ReadOnlySpan<byte> message)
    {
        var (value, shift) = (0L, 0);
        byte next;
        do
        {
            next = message[0];
            message = message[1..];
            value |= (long)(next & 0x7f) << shift;
            shift += 7;
        } while (next >= 0x80);
        return value;
    }

    private static uint Masked(ReadOnlySpan<byte> bytes)
    {
        var crc = Crc32C(bytes);
        return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
    }

    private static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = ~0u;
        foreach (var one in bytes)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? 0x82F63B78 ^ (crc >> 1) : crc >> 1;
        }
        return ~crc;
    }
}
