using PureHDF;
using PureHDF.Selections;
using PureHDF.VOL.Native;

namespace KneeSeg.Imaging.Formats;

/// <summary>The dataset <c>data</c> of an HDF5 file, read as raw bytes so that either byte order will do.</summary>
internal sealed class Hdf5Data : IDisposable
{
    private const int BlockValues = 1 << 18;

    private readonly string path;
    private readonly FileStream stream;
    private readonly NativeDataset dataset;
    private readonly bool bigEndian;

    private Hdf5Data(string path, FileStream stream, NativeDataset dataset)
    {
        (this.path, this.stream, this.dataset) = (path, stream, dataset);
        Sizes = dataset.Space.Dimensions;
        Type = TypeOf(dataset.Type);
        bigEndian = Type.Bytes > 1 && IsBigEndian();
    }

    /// <summary>Its shape, the last axis fastest.</summary>
    public ulong[] Sizes { get; }

    /// <summary>As what its values are stored.</summary>
    public VoxelType Type { get; }

    /// <summary>Opens a file and finds the dataset.</summary>
    /// <exception cref="ProblemException">It is not an HDF5 file or has no numeric dataset <c>data</c> (exit 3).</exception>
    public static Hdf5Data Open(string path)
    {
        var stream = InputFile.Open(path);
        try
        {
            return Guarded(
                path,
                () =>
                {
                    var file = H5File.Open(stream, leaveOpen: true);
                    return new Hdf5Data(path, stream, (NativeDataset)file.Dataset("data"));
                }
            );
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>All values in the order of the file.</summary>
    /// <exception cref="ProblemException">They are damaged or truncated (exit 3).</exception>
    public float[] ReadAll()
    {
        var count = Sizes.Aggregate(1L, (product, size) => checked(product * (long)size));
        var raw = VoxelMemory.Allocate<byte>(path, count * Type.Bytes);
        Guarded(
            path,
            () =>
            {
                dataset.Read<byte>(raw.AsSpan());
                return true;
            }
        );
        var values = VoxelMemory.Allocate<float>(path, count);
        for (var at = 0; at < values.Length; at += BlockValues)
        {
            var block = values.AsSpan(at, Math.Min(BlockValues, values.Length - at));
            Type.Decode(
                raw.AsSpan(at * Type.Bytes, block.Length * Type.Bytes),
                bigEndian,
                1,
                0,
                block
            );
        }
        return values;
    }

    /// <inheritdoc />
    public void Dispose() => stream.Dispose();

    private VoxelType TypeOf(IH5DataType type) =>
        (type.Class, type.Size) switch
        {
            // h5py's booleans.
            (H5DataTypeClass.Enumerated, 1) => VoxelType.Bool,
            (H5DataTypeClass.Enumerated, _) => TypeOf(type.Enumeration.BaseType),
            (H5DataTypeClass.FixedPoint, 1) => type.FixedPoint.IsSigned
                ? VoxelType.Int8
                : VoxelType.UInt8,
            (H5DataTypeClass.FixedPoint, 2) => type.FixedPoint.IsSigned
                ? VoxelType.Int16
                : VoxelType.UInt16,
            (H5DataTypeClass.FixedPoint, 4) => type.FixedPoint.IsSigned
                ? VoxelType.Int32
                : VoxelType.UInt32,
            (H5DataTypeClass.FixedPoint, 8) => type.FixedPoint.IsSigned
                ? VoxelType.Int64
                : VoxelType.UInt64,
            (H5DataTypeClass.FloatingPoint, 4) => VoxelType.Float32,
            (H5DataTypeClass.FloatingPoint, 8) => VoxelType.Float64,
            _ => throw new ProblemException(
                ExitCode.Data,
                path,
                $"its dataset has unsupported {type.Class} values of {type.Size} bytes",
                "Write it as float32 for an image or uint8 for labels"
            ),
        };

    // The library reveals the byte order only by refusing to read the other one.
    private bool IsBigEndian()
    {
        if (Sizes.Length == 0 || Sizes.Contains(0UL))
            return false;
        var starts = new ulong[Sizes.Length];
        var ones = Array.ConvertAll(Sizes, _ => 1UL);
        var first = new HyperslabSelection(Sizes.Length, starts, ones);
        try
        {
            _ = Type.Bytes switch
            {
                2 => (Array)dataset.Read<short[]>(first),
                4 => dataset.Read<int[]>(first),
                _ => dataset.Read<long[]>(first),
            };
            return false;
        }
        catch (Exception e) when (e.Message.Contains("Byte order"))
        {
            return true;
        }
    }

    // The library throws exceptions of any type for damaged files.
    private static T Guarded<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is not (ProblemException or OutOfMemoryException))
        {
            throw new ProblemException(
                ExitCode.Data,
                path,
                $"it is not an HDF5 file with a readable dataset \"data\" ({e.Message.Trim().TrimEnd('.')})",
                "Copy or download the file again, or check that it is an IWOAI file",
                e
            );
        }
    }
}
