using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using KneeSeg.Imaging;

namespace KneeSeg.Rendering;

/// <summary>Pictures as PNG (ISO/IEC 15948): the same pixels give the same bytes, and no native library is needed.</summary>
public static class Png
{
    private const byte Gray = 0;
    private const byte Color = 2;
    private const byte Indexed = 3;

    private static readonly byte[] Signature = [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A];
    private static readonly uint[] Crc = CrcTable();

    /// <summary>A color picture, 8 bits a channel.</summary>
    public static byte[] Encode(Raster picture) =>
        Encode(picture.Width, picture.Height, Color, MemoryMarshal.AsBytes<Rgb>(picture.Pixels));

    /// <summary>A gray slice, 8 bits a pixel; the size of its pixels is not kept.</summary>
    public static byte[] Encode(Slice<byte> gray) =>
        Encode(gray.Width, gray.Height, Gray, gray.Pixels);

    /// <summary>A picture in the nearest colors of a palette.</summary>
    public static byte[] Encode(Raster picture, Palette palette) =>
        Encode(picture.Width, picture.Height, Indexed, palette.Index(picture), [.. palette.Colors]);

    /// <summary>Reads again what this wrote with a palette, and nothing else.</summary>
    /// <exception cref="InvalidDataException">It is no such file, or a part is missing.</exception>
    public static Raster Decode(byte[] file)
    {
        try
        {
            var header = Find(file, "IHDR"u8);
            var width = BinaryPrimitives.ReadInt32BigEndian(header);
            var height = BinaryPrimitives.ReadInt32BigEndian(header[4..]);
            var palette = Find(file, "PLTE"u8);
            var rows = Unpacked(Find(file, "IDAT"u8), (width + 1) * height);
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

    private static byte[] Encode(
        int width,
        int height,
        byte kind,
        ReadOnlySpan<byte> pixels,
        Rgb[]? palette = null
    )
    {
        var file = new MemoryStream();
        file.Write(Signature);
        Span<byte> header = stackalloc byte[13];
        header.Clear();
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        header[8] = 8;
        header[9] = kind;
        Chunk(file, "IHDR"u8, header);
        if (palette is not null)
            Chunk(file, "PLTE"u8, MemoryMarshal.AsBytes<Rgb>(palette));
        Chunk(file, "IDAT"u8, Compressed(pixels, height, kind));
        Chunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    // Each row as differences to the pixel on the left, which zlib packs better than the values of an image; but the
    // indices of a palette as they are.
    private static byte[] Compressed(ReadOnlySpan<byte> pixels, int rows, byte kind)
    {
        const byte sub = 1;
        var channels = kind == Color ? 3 : 1;
        var length = pixels.Length / rows;
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var filtered = new byte[length + 1];
            filtered[0] = kind == Indexed ? (byte)0 : sub;
            for (var y = 0; y < rows; y++)
            {
                var row = pixels.Slice(y * length, length);
                row.CopyTo(filtered.AsSpan(1));
                for (var i = channels; i < length && filtered[0] == sub; i++)
                    filtered[i + 1] -= row[i - channels];
                zlib.Write(filtered);
            }
        }
        return packed.ToArray();
    }

    private static void Chunk(Stream file, ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(name);
        file.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~Continue(Continue(~0u, name), data));
        file.Write(number);
    }

    private static uint Continue(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
            crc = Crc[(byte)(crc ^ b)] ^ (crc >> 8);
        return crc;
    }

    private static uint[] CrcTable()
    {
        var table = new uint[256];
        for (uint i = 0; i < 256; i++)
        {
            var crc = i;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
            table[i] = crc;
        }
        return table;
    }

    // The data of the first chunk of a name.
    private static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> file, ReadOnlySpan<byte> name)
    {
        for (var at = Signature.Length; ; )
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
