using System.Buffers.Binary;

namespace KneeSeg.Rendering;

/// <summary>
/// Animations as GIF89a that play for ever: one palette, and of each frame only the rectangle that changed. The same
/// frames give the same bytes, and no native library is needed.
/// </summary>
public static class Gif
{
    private const int LastHold = 200;

    /// <summary>An animation.</summary>
    /// <param name="palette">Its colors; each pixel gets the nearest one.</param>
    /// <param name="frames">At least one, all of one size.</param>
    /// <param name="hundredths">How long a frame is shown, in 1/100 s; the last stays for two seconds more.</param>
    public static byte[] Encode(Palette palette, IEnumerable<Raster> frames, int hundredths)
    {
        var file = new MemoryStream();
        byte[]? before = null;
        var control = 0L;
        foreach (var frame in frames)
        {
            var pixels = palette.Index(frame);
            if (before is null)
                Header(file, frame.Width, frame.Height, palette);
            control = file.Position;
            Control(file, hundredths);
            if (before is null)
                Image(file, Lzw.Pack(pixels), new(0, 0, frame.Width, frame.Height));
            else
                Change(file, before, pixels, frame.Width);
            before = pixels;
        }
        var end = file.Position;
        file.Position = control;
        Control(file, hundredths + LastHold);
        file.Position = end;
        file.WriteByte(0x3B);
        return file.ToArray();
    }

    private static void Header(Stream file, int width, int height, Palette palette)
    {
        file.Write("GIF89a"u8);
        Number(file, width);
        Number(file, height);
        // A palette of 256 colors of 8 bits a channel; the first is the ground; pixels are square.
        file.Write([0xF7, 0, 0]);
        for (var i = 0; i < 256; i++)
        {
            var color = i < palette.Colors.Count ? palette.Colors[i] : default;
            file.Write([color.Red, color.Green, color.Blue]);
        }
        // Again and again, without end.
        file.Write([0x21, 0xFF, 11, .. "NETSCAPE2.0"u8, 3, 1, 0, 0, 0]);
    }

    // The frame stays under the next one, and one index lets the frame before shine through.
    private static void Control(Stream file, int hundredths)
    {
        file.Write([0x21, 0xF9, 4, 0x05]);
        Number(file, hundredths);
        file.Write([Palette.Unchanged, 0]);
    }

    private static void Change(Stream file, byte[] before, byte[] pixels, int width)
    {
        var frame = Changed(before, pixels, width);
        var whole = Cut(pixels, frame, width);
        var through = Cut(before, frame, width);
        for (var i = 0; i < whole.Length; i++)
            through[i] = whole[i] == through[i] ? Palette.Unchanged : whole[i];
        // Where much changes, holes only disturb what repeats.
        var (a, b) = (Lzw.Pack(whole), Lzw.Pack(through));
        Image(file, a.Length <= b.Length ? a : b, frame);
    }

    // The smallest rectangle with all pixels that differ; one pixel where none does.
    private static CropBox Changed(byte[] before, byte[] pixels, int width)
    {
        var (left, top, right, bottom) = (width, int.MaxValue, 0, 0);
        for (var i = 0; i < pixels.Length; i++)
            if (pixels[i] != before[i])
            {
                var (row, column) = Math.DivRem(i, width);
                (left, right) = (Math.Min(left, column), Math.Max(right, column));
                (top, bottom) = (Math.Min(top, row), row);
            }
        return left == width ? new(0, 0, 1, 1) : new(left, top, right - left + 1, bottom - top + 1);
    }

    private static byte[] Cut(byte[] pixels, CropBox frame, int width) =>
        new Slice<byte>(width, pixels.Length / width, 1, 1, pixels).Crop(frame).Pixels;

    private static void Image(Stream file, byte[] packed, CropBox frame)
    {
        file.WriteByte(0x2C);
        foreach (var number in (int[])[frame.Left, frame.Top, frame.Width, frame.Height])
            Number(file, number);
        file.WriteByte(0);
        file.WriteByte(8);
        foreach (var block in packed.Chunk(255))
        {
            file.WriteByte((byte)block.Length);
            file.Write(block);
        }
        file.WriteByte(0);
    }

    private static void Number(Stream file, int number)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, checked((ushort)number));
        file.Write(bytes);
    }
}

/// <summary>Packing of bytes after Lempel, Ziv and Welch (1984), with the codes of variable length that GIF has.</summary>
internal static class Lzw
{
    private const int Clear = 256;
    private const int End = 257;
    private const int Longest = 12;

    /// <summary>Packs bytes as codes of 9 to 12 bits, the least significant bit first.</summary>
    public static byte[] Pack(ReadOnlySpan<byte> bytes)
    {
        var codes = new Bits();
        // By a known sequence's code and the byte after it: the longer sequence's code, 0 where it is not known yet.
        var longer = new ushort[256 << Longest];
        var (next, length) = (End + 1, 9);
        codes.Add(Clear, length);
        var code = (int)bytes[0];
        foreach (var b in bytes[1..])
        {
            var place = code << 8 | b;
            if (longer[place] is not 0 and var known)
            {
                code = known;
                continue;
            }
            codes.Add(code, length);
            code = b;
            if (next == 1 << Longest)
            {
                codes.Add(Clear, length);
                Array.Clear(longer);
                (next, length) = (End + 1, 9);
                continue;
            }
            if (next == 1 << length)
                length++;
            longer[place] = (ushort)next++;
        }
        codes.Add(code, length);
        // The reader has then learned a sequence from this code too.
        if (next == 1 << length && length < Longest)
            length++;
        codes.Add(End, length);
        return codes.Bytes();
    }

    private sealed class Bits
    {
        private readonly List<byte> bytes = [];
        private int pending;
        private int count;

        public void Add(int code, int length)
        {
            pending |= code << count;
            for (count += length; count >= 8; count -= 8, pending >>= 8)
                bytes.Add((byte)pending);
        }

        public byte[] Bytes() => count > 0 ? [.. bytes, (byte)pending] : [.. bytes];
    }
}
