using System.Runtime.InteropServices;
using System.Security.Cryptography;
using KneeSeg.Imaging;

namespace KneeSeg.Data;

/// <summary>
/// A prepared case as a file: three sizes, the grid's twelve numbers, how many voxels were replaced, the image, the
/// labels, and a SHA-256 of all that.
/// </summary>
internal static class PreparedEntry
{
    private const int HeaderBytes = 3 * sizeof(int) + 12 * sizeof(double) + sizeof(long);

    /// <summary>Bytes of a case's file.</summary>
    public static long SizeOf(PreparedCase prepared) =>
        HeaderBytes + prepared.Size.Count * (sizeof(float) + 1) + SHA256.HashSizeInBytes;

    /// <summary>Writes a case.</summary>
    /// <exception cref="ProblemException">The place can't be written (exit 6).</exception>
    public static void Write(string path, PreparedCase prepared)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AtomicFile.Write(
            path,
            stream =>
            {
                Put(Header(prepared));
                Put(MemoryMarshal.AsBytes(prepared.Image.AsSpan()));
                Put(prepared.Labels);
                stream.Write(hash.GetHashAndReset());

                void Put(ReadOnlySpan<byte> bytes)
                {
                    hash.AppendData(bytes);
                    stream.Write(bytes);
                }
            }
        );
    }

    /// <summary>Reads a case, and marks its file as used.</summary>
    /// <returns>Null where the file is missing or damaged.</returns>
    public static PreparedCase? Read(string path, string id, int classes)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var header = new byte[HeaderBytes];
            stream.ReadExactly(header);
            var (grid, replaced) = Parse(header);
            var count = grid.Size.Count;
            if (stream.Length != HeaderBytes + count * (sizeof(float) + 1) + SHA256.HashSizeInBytes)
                return null;
            var image = GC.AllocateUninitializedArray<float>((int)count);
            var labels = GC.AllocateUninitializedArray<byte>((int)count);
            var stored = new byte[SHA256.HashSizeInBytes];
            stream.ReadExactly(MemoryMarshal.AsBytes(image.AsSpan()));
            stream.ReadExactly(labels);
            stream.ReadExactly(stored);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(header);
            hash.AppendData(MemoryMarshal.AsBytes(image.AsSpan()));
            hash.AppendData(labels);
            if (!hash.GetHashAndReset().AsSpan().SequenceEqual(stored))
                return null;
            File.SetLastAccessTimeUtc(path, DateTime.UtcNow);
            return PreparedCase.From(
                id,
                new(new(grid, image), replaced),
                new(grid, labels),
                classes
            );
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or OverflowException)
        {
            return null;
        }
    }

    private static byte[] Header(PreparedCase prepared)
    {
        using MemoryStream stream = new(HeaderBytes);
        using BinaryWriter writer = new(stream);
        var (size, affine) = (prepared.Grid.Size, prepared.Grid.Affine.ToRows());
        writer.Write(size.X);
        writer.Write(size.Y);
        writer.Write(size.Z);
        foreach (var number in affine[..3].SelectMany(row => row))
            writer.Write(number);
        writer.Write(prepared.Replaced);
        return stream.ToArray();
    }

    private static (Grid Grid, long Replaced) Parse(byte[] header)
    {
        using BinaryReader reader = new(new MemoryStream(header));
        Size3 size = new(reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
        var m = new double[12];
        for (var i = 0; i < m.Length; i++)
            m[i] = reader.ReadDouble();
        var affine = new Affine(
            m[0],
            m[1],
            m[2],
            m[3],
            m[4],
            m[5],
            m[6],
            m[7],
            m[8],
            m[9],
            m[10],
            m[11]
        );
        return (new(size, affine), reader.ReadInt64());
    }
}
