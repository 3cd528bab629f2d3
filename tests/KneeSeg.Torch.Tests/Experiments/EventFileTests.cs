using System.Buffers.Binary;
using KneeSeg.Experiments.Observers;
using Tensorboard;

namespace KneeSeg.Torch.Tests.Experiments;

/// <summary>TensorBoard's files, read back by the format's description and TensorBoard's own messages.</summary>
public sealed class EventFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_checksum_is_that_of_the_format() =>
        Assert.Equal(0xE3069283u, Crc32C("123456789"u8));

    [Fact]
    public void Scalars_and_pictures_come_back_under_their_tags_and_steps()
    {
        using (var file = EventFile.Start(folder, step: 300))
        {
            file.Scalar("dice/mean", 301, 0.625);
            file.Picture("validation/knee-1", 70_000, 3, 2, [1, 2, 3]);
        }

        var events = Events(Assert.Single(Directory.GetFiles(folder)));

        Assert.Equal(["brain.Event:2", "", "", ""], events.Select(one => one.FileVersion));
        // Starting at step 300 says that what other files have from there on does not count.
        Assert.Equal([0L, 300L, 301L, 70_000L], events.Select(one => one.Step));
        Assert.Equal(SessionLog.Types.SessionStatus.Start, events[1].SessionLog.Status);
        var scalar = Assert.Single(events[2].Summary.Value);
        Assert.Equal(("dice/mean", 0.625f), (scalar.Tag, scalar.SimpleValue));
        var picture = Assert.Single(events[3].Summary.Value);
        Assert.Equal("validation/knee-1", picture.Tag);
        var image = picture.Image;
        Assert.Equal((2, 3, 3), (image.Height, image.Width, image.Colorspace));
        Assert.Equal(new byte[] { 1, 2, 3 }, image.EncodedImageString.ToByteArray());
    }

    // Length, its checksum, the data, its checksum.
    private static List<Event> Events(string path)
    {
        var bytes = File.ReadAllBytes(path).AsSpan();
        var events = new List<Event>();
        while (bytes.Length > 0)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            Assert.Equal(Masked(bytes[..8]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]));
            var data = bytes.Slice(12, length);
            Assert.Equal(
                Masked(data),
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[(12 + length)..])
            );
            events.Add(Event.Parser.ParseFrom(data.ToArray()));
            bytes = bytes[(16 + length)..];
        }
        return events;
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
