using System.Buffers.Binary;
using System.IO.Compression;
using KneeSeg.Imaging;

namespace KneeSeg.Rendering;

/// <summary>Reads again what <see cref="Png"/> wrote with a palette, and nothing else.</summary>
public static class PalettePng
{
    private const int Signature = 8;

    /// <summary>The picture.</summary>
    /// <exception cref="InvalidDataException">It is no such file, or a part is missing.</exception>
    public static Raster Decode(byte[] file)
    {
        try
        {
            var header = Chunk(file, "IHDR"u8);
            var width = BinaryPrimitives.ReadInt32BigEndian(header);
            var height = BinaryPrimitives.ReadInt32BigEndian(header[4..]);
            var palette = Chunk(file, "PLTE"u8);
            var rows = Unpacked(Chunk(file, "IDAT"u8), (width + 1) * height);
            var pixels = new Rgb[width * height];
            for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
            {
                var color = palette.Slice(3 * rows[y * (width + 1) + 1 + x], 3);
                pixels[x + width * y] = new(color[0], color[1], color[2]);
            }
            return new(width, height, pixels);
        }
        catch (Exception e)
            when (e
                    is ArgumentException
                        or IndexOutOfRangeException
                        or EndOfStreamException
                        or OverflowException
            )
        {
            throw new InvalidDataException("is no picture with a palette", e);
        }
    }

    // The data of the first chunk of a name.
    private static ReadOnlySpan<byte> Chunk(ReadOnlySpan<byte> file, ReadOnlySpan<byte> name)
    {
        for (var at = Signature; ; )
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(file[at..]);
            if (file.Slice(at + 4, 4).SequenceEqual(name))
                return file.Slice(at + 8, length);
            at += length + 12;
        }
    }

    private static byte[] Unpacked(ReadOnlySpan<byte> packed, int length)
    {
        using var zlib = new ZLibStream(
            new MemoryStream(packed.ToArray()),
            CompressionMode.Decompress
        );
        var bytes = new byte[length];
        zlib.ReadExactly(bytes);
        return bytes;
    }
}
