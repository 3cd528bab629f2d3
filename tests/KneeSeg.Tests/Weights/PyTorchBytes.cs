using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace KneeSeg.Tests.Weights;

/// <summary>PyTorch's zip files of pickles written by hand: opcodes as Latin-1 text, such as <c>"}."</c> for an empty dictionary.</summary>
internal static class PyTorchBytes
{
    /// <summary>The opcode of a text.</summary>
    public static string Text(string text) =>
        "X" + Bytes(4, (ulong)Encoding.UTF8.GetByteCount(text)) + text;

    /// <summary>The opcode of a whole number of any size, in eight bytes.</summary>
    public static string Number(long number) => "\u008a\u0008" + Bytes(8, (ulong)number);

    /// <summary>The opcodes of a tuple of whole numbers.</summary>
    public static string Numbers(params long[] numbers) =>
        "(" + string.Concat(numbers.Select(Number)) + "t";

    /// <summary>The opcodes of a tensor over a storage of floats.</summary>
    public static string Tensor(
        string key,
        long count,
        long offset,
        long[] shape,
        long[] strides
    ) =>
        "ctorch._utils\n_rebuild_tensor_v2\n(("
        + Text("storage")
        + "ctorch\nFloatStorage\n"
        + Text(key)
        + Text("cpu")
        + Number(count)
        + "tQ"
        + Number(offset)
        + Numbers(shape)
        + Numbers(strides)
        + "\u0089ccollections\nOrderedDict\n)RtR";

    /// <summary>A file whose pickle is a dictionary with one item.</summary>
    public static byte[] FileOf(
        string name,
        string value,
        params (string Name, byte[] Bytes)[] entries
    ) => Zip([("a/data.pkl", Latin("\u0080\u0002}" + Text(name) + value + "s.")), .. entries]);

    /// <summary>A zip file of entries that are stored as they are, or compressed.</summary>
    public static byte[] Zip(
        (string Name, byte[] Bytes)[] entries,
        CompressionLevel level = CompressionLevel.NoCompression
    )
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, bytes) in entries)
            {
                using var entry = zip.CreateEntry(name, level).Open();
                entry.Write(bytes);
            }
        return stream.ToArray();
    }

    public static byte[] Latin(string opcodes) => Encoding.Latin1.GetBytes(opcodes);

    private static string Bytes(int count, ulong number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
        return Encoding.Latin1.GetString(bytes, 0, count);
    }
}
