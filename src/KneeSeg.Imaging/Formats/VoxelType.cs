using System.Buffers.Binary;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace KneeSeg.Imaging.Formats;

/// <summary>A stored scalar type, by numpy's name, and its conversion to float32.</summary>
internal sealed class VoxelType
{
    private readonly Action<Span<byte>> reverse;
    private readonly Decoder toFloat;
    private readonly ScaledDecoder toScaledFloat;

    private VoxelType(
        string name,
        int bytes,
        Action<Span<byte>> reverse,
        Decoder toFloat,
        ScaledDecoder scaled
    )
    {
        (Name, Bytes, this.reverse, this.toFloat, toScaledFloat) = (
            name,
            bytes,
            reverse,
            toFloat,
            scaled
        );
    }

    private delegate void Decoder(ReadOnlySpan<byte> raw, Span<float> values);
    private delegate void ScaledDecoder(
        ReadOnlySpan<byte> raw,
        double slope,
        double intercept,
        Span<float> values
    );

    public static VoxelType Bool { get; } = Of<byte>("bool", _ => { });
    public static VoxelType UInt8 { get; } = Of<byte>("uint8", _ => { });
    public static VoxelType Int8 { get; } = Of<sbyte>("int8", _ => { });
    public static VoxelType Int16 { get; } = Of<short>("int16", Reverse16);
    public static VoxelType UInt16 { get; } = Of<ushort>("uint16", Reverse16);
    public static VoxelType Int32 { get; } = Of<int>("int32", Reverse32);
    public static VoxelType UInt32 { get; } = Of<uint>("uint32", Reverse32);
    public static VoxelType Int64 { get; } = Of<long>("int64", Reverse64);
    public static VoxelType UInt64 { get; } = Of<ulong>("uint64", Reverse64);
    public static VoxelType Float32 { get; } = Of<float>("float32", Reverse32);
    public static VoxelType Float64 { get; } = Of<double>("float64", Reverse64);

    public string Name { get; }
    public int Bytes { get; }

    /// <summary>Turns stored bytes, changing their order in place, into float32.</summary>
    public void Decode(
        Span<byte> raw,
        bool bigEndian,
        double slope,
        double intercept,
        Span<float> values
    )
    {
        if (bigEndian)
            reverse(raw);
        if (slope == 1 && intercept == 0)
            toFloat(raw, values);
        else
            toScaledFloat(raw, slope, intercept, values);
    }

    private static VoxelType Of<T>(string name, Action<Span<byte>> reverse)
        where T : unmanaged, INumber<T>
    {
        unsafe
        {
            return new(
                name,
                sizeof(T),
                reverse,
                (raw, values) =>
                    TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, T>(raw), values),
                Scaled<T>
            );
        }
    }

    // In double until the last step: a float32 product would lose the last digits of 16-bit values.
    private static void Scaled<T>(
        ReadOnlySpan<byte> raw,
        double slope,
        double intercept,
        Span<float> values
    )
        where T : unmanaged, INumber<T>
    {
        var stored = MemoryMarshal.Cast<byte, T>(raw);
        for (var i = 0; i < stored.Length; i++)
            values[i] = (float)(slope * double.CreateTruncating(stored[i]) + intercept);
    }

    private static void Reverse16(Span<byte> raw)
    {
        var words = MemoryMarshal.Cast<byte, short>(raw);
        BinaryPrimitives.ReverseEndianness(words, words);
    }

    private static void Reverse32(Span<byte> raw)
    {
        var words = MemoryMarshal.Cast<byte, int>(raw);
        BinaryPrimitives.ReverseEndianness(words, words);
    }

    private static void Reverse64(Span<byte> raw)
    {
        var words = MemoryMarshal.Cast<byte, long>(raw);
        BinaryPrimitives.ReverseEndianness(words, words);
    }
}

/// <summary>How voxels are stored: value = slope · stored + intercept.</summary>
/// <param name="Type">The scalar type of the stored numbers.</param>
/// <param name="BigEndian">Their byte order.</param>
/// <param name="Slope">Factor of the stored numbers.</param>
/// <param name="Intercept">Added after scaling.</param>
internal sealed record VoxelEncoding(
    VoxelType Type,
    bool BigEndian = false,
    double Slope = 1,
    double Intercept = 0
);
