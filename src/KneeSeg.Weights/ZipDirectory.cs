using System.Buffers.Binary;
using System.Text;

namespace KneeSeg.Weights;

/// <summary>
/// Where the entries of a zip file lie, by its central directory. Only what PyTorch writes is taken: entries that are stored
/// as they are, under different names, none over another. Nothing is ever unpacked to a file.
/// </summary>
internal static class ZipDirectory
{
    private const int EndLength = 22;
    private const int LocatorLength = 20;
    private const int End64Length = 56;
    private const int EntryLength = 46;
    private const int LocalLength = 30;

    // That of a hundred thousand tensors.
    private const int LongestDirectory = 1 << 23;

    /// <summary>An entry's bytes in the file.</summary>
    public readonly record struct Place(long Position, long Length);

    /// <exception cref="InvalidDataException">It is no zip file, or not one as PyTorch writes it.</exception>
    public static Dictionary<string, Place> Read(Stream stream)
    {
        var (position, length) = Directory(stream);
        var directory = Bytes(stream, position, length);
        var places = new Dictionary<string, Place>();
        for (var at = 0; at < directory.Length; )
        {
            var entry = At(directory, at, EntryLength, 0x02014b50);
            var name = Encoding.UTF8.GetString(Part(directory, at + EntryLength, U16(entry, 28)));
            var extra = Part(directory, at + EntryLength + U16(entry, 28), U16(entry, 30));
            if ((U16(entry, 8) & 1) != 0)
                throw new InvalidDataException($"its entry '{name}' is encrypted");
            var (packed, plain, local) = Sizes(entry, extra);
            if (U16(entry, 10) != 0 || packed != plain)
                throw new InvalidDataException(
                    $"its entry '{name}' is compressed, and PyTorch compresses nothing"
                );
            var header = At(Bytes(stream, local, LocalLength), 0, LocalLength, 0x04034b50);
            var begin = local + LocalLength + U16(header, 26) + U16(header, 28);
            if (plain < 0 || begin > position || plain > position - begin)
                throw new InvalidDataException($"its entry '{name}' reaches beyond the entries");
            if (!places.TryAdd(name, new(begin, plain)))
                throw new InvalidDataException($"its entry '{name}' occurs twice");
            at += EntryLength + U16(entry, 28) + U16(entry, 30) + U16(entry, 32);
        }
        var ordered = places
            .Values.Where(place => place.Length > 0)
            .OrderBy(place => place.Position)
            .ToArray();
        if (
            ordered
                .Zip(ordered.Skip(1))
                .Any(two => two.First.Position + two.First.Length > two.Second.Position)
        )
            throw new InvalidDataException("its entries overlap");
        return places;
    }

    private static (long Position, long Length) Directory(Stream stream)
    {
        var end = At(Bytes(stream, stream.Length - EndLength, EndLength), 0, EndLength, 0x06054b50);
        var (position, length) = (U32(end, 16), U32(end, 12));
        // Files over 4 GiB have a second, longer end, and PyTorch always writes it.
        var locator = stream.Length - EndLength - LocatorLength;
        if (
            locator >= 0
            && Bytes(stream, locator, LocatorLength) is var found
            && U32(found, 0) == 0x07064b50
        )
        {
            var end64 = At(Bytes(stream, U64(found, 8), End64Length), 0, End64Length, 0x06064b50);
            (position, length) = (U64(end64, 48), U64(end64, 40));
        }
        return length is >= 0 and <= LongestDirectory
            ? (position, length)
            : throw new InvalidDataException($"its directory claims {length} bytes");
    }

    // Sizes over 4 GiB stand in the extra field of type 1, in this order and only those.
    private static (long Packed, long Plain, long Local) Sizes(
        ReadOnlySpan<byte> entry,
        ReadOnlySpan<byte> extra
    )
    {
        ReadOnlySpan<byte> wide = [];
        while (extra.Length >= 4 && wide.Length == 0)
        {
            var length = U16(extra, 2);
            wide = U16(extra, 0) == 1 ? Part(extra, 4, length) : [];
            extra = Part(extra, 4, extra.Length - 4)[Math.Min(length, extra.Length - 4)..];
        }
        var plain = Size(entry, 24, ref wide);
        var packed = Size(entry, 20, ref wide);
        return (packed, plain, Size(entry, 42, ref wide));
    }

    private static long Size(ReadOnlySpan<byte> entry, int at, ref ReadOnlySpan<byte> wide)
    {
        var size = U32(entry, at);
        if (size != uint.MaxValue || wide.Length < 8)
            return size;
        size = U64(wide, 0);
        wide = wide[8..];
        return size;
    }

    private static byte[] Bytes(Stream stream, long position, long length)
    {
        if (position < 0 || length > stream.Length - position)
            throw new InvalidDataException("its zip directory is cut off or altered");
        var bytes = new byte[length];
        stream.Position = position;
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static ReadOnlySpan<byte> At(byte[] bytes, int at, int length, uint signature)
    {
        var part = Part(bytes, at, length);
        return U32(part, 0) == signature
            ? part
            : throw new InvalidDataException("its zip directory is cut off or altered");
    }

    private static ReadOnlySpan<byte> Part(ReadOnlySpan<byte> bytes, int at, int length) =>
        length <= bytes.Length - at
            ? bytes.Slice(at, length)
            : throw new InvalidDataException("its zip directory is cut off or altered");

    private static int U16(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static long U32(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static long U64(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);
}
