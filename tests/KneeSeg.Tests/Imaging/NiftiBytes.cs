using System.Buffers.Binary;
using System.IO.Compression;

namespace KneeSeg.Tests.Imaging;

/// <summary>NIfTI-1 files byte by byte, right or wrong, independent of the writer.</summary>
public sealed class NiftiBytes
{
    private readonly byte[] header = new byte[352];
    private readonly bool bigEndian;
    private readonly List<byte> rest = [];

    /// <summary>A header of 2×3×4 voxels of a type, 1×2×3 mm, with an sform along right, anterior, superior.</summary>
    public NiftiBytes(short dataType = 2, short bits = 8, bool bigEndian = false)
    {
        this.bigEndian = bigEndian;
        Int(0, 348).Dimensions(3, 2, 3, 4).Short(70, dataType).Short(72, bits);
        Float(76, 1).Float(80, 1).Float(84, 2).Float(88, 3).Float(108, 352).Float(112, 1);
        Short(254, 1).Float(280, 1).Float(300, 2).Float(320, 3);
        header[123] = 2;
        "n+1\0"u8.CopyTo(header.AsSpan(344));
    }

    public NiftiBytes Dimensions(params short[] dimensions)
    {
        for (var i = 0; i < 8; i++)
            Short(40 + 2 * i, i < dimensions.Length ? dimensions[i] : (short)1);
        return this;
    }

    public NiftiBytes Short(int offset, short value)
    {
        if (bigEndian)
            BinaryPrimitives.WriteInt16BigEndian(header.AsSpan(offset), value);
        else
            BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(offset), value);
        return this;
    }

    public NiftiBytes Int(int offset, int value)
    {
        if (bigEndian)
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(offset), value);
        else
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(offset), value);
        return this;
    }

    public NiftiBytes Float(int offset, float value) =>
        Int(offset, BitConverter.SingleToInt32Bits(value));

    public NiftiBytes Bytes(int offset, params ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(header.AsSpan(offset));
        return this;
    }

    public NiftiBytes Then(params ReadOnlySpan<byte> bytes)
    {
        rest.AddRange(bytes);
        return this;
    }

    /// <summary>The 24 voxels of the default shape, counting up from 0.</summary>
    public NiftiBytes ThenCounting() => Then([.. Enumerable.Range(0, 24).Select(i => (byte)i)]);

    public byte[] ToArray() => [.. header, .. rest];

    public byte[] Zipped() => Zip(ToArray());

    public static byte[] Zip(ReadOnlySpan<byte> bytes)
    {
        using MemoryStream stream = new();
        using (GZipStream zip = new(stream, CompressionLevel.Optimal, leaveOpen: true))
            zip.Write(bytes);
        return stream.ToArray();
    }
}
