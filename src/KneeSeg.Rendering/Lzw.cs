namespace KneeSeg.Rendering;

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
