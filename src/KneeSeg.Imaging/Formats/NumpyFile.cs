using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace KneeSeg.Imaging.Formats;

/// <summary>
/// numpy's <c>.npy</c>: an array of (depth, height, width), the axes of model space; of (height, width) it is one
/// slice, of (volume, depth, height, width) several volumes. It stores no spacing (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
/// </summary>
internal static partial class NumpyFile
{
    private const string AxisCodes = "RIP";
    private const int MostHeaderBytes = 1 << 16;

    private static ReadOnlySpan<byte> Magic =>
        [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Writes a volume's voxels as an array whose shape is the grid's, in numpy's usual order.</summary>
    /// <param name="path">A name ending in <c>.npy</c>.</param>
    /// <param name="volume">Voxels of <see cref="byte"/>, <see cref="short"/> or <see cref="float"/>.</param>
    /// <exception cref="ProblemException">The file can't be written (exit 6).</exception>
    public static void Write<T>(string path, Volume<T> volume)
        where T : unmanaged
    {
        var type =
            typeof(T) == typeof(byte) ? "|u1"
            : typeof(T) == typeof(short) ? "<i2"
            : typeof(T) == typeof(float) ? "<f4"
            : throw new ArgumentException($"no numpy type for {typeof(T)}");
        var size = volume.Grid.Size;
        var words =
            $"{{'descr': '{type}', 'fortran_order': True, 'shape': ({size.X}, {size.Y}, {size.Z}), }}";
        // The array begins at a multiple of 64 bytes, behind ten of magic, version and length, and a line's end.
        var header = words.PadRight((words.Length + 11 + 63) / 64 * 64 - 11) + "\n";
        AtomicFile.Write(
            path,
            stream =>
            {
                stream.Write([.. Magic, 1, 0]);
                stream.Write(BitConverter.GetBytes((ushort)header.Length));
                stream.Write(Encoding.ASCII.GetBytes(header));
                volume.WriteVoxels(stream);
            }
        );
    }

    /// <summary>Opens an array and checks its header and length.</summary>
    /// <exception cref="ProblemException">It is not a numeric array with two to four axes (exit 3).</exception>
    internal static StoredVolume Open(string path, ModelSpacing? spacing)
    {
        var file = InputFile.Open(VolumePath.Of(path).Place);
        try
        {
            var words = ReadHeader(path, file);
            var (type, bigEndian) = ReadType(path, Field(path, words, DescriptionField()));
            var (count, size) = ReadShape(path, Field(path, words, ShapeField()));
            var volume = VolumeChoice.Of(path, count);
            var lastAxisFastest = Field(path, words, OrderField()) == "False";
            RawVolume.CheckLength(
                path,
                volume.All(size),
                type,
                file.Length - file.Position,
                compressed: false
            );
            if (lastAxisFastest)
                file.Position += volume.Before(size.Count * type.Bytes);
            var (depth, height, width) = spacing is { } known
                ? (known.Depth, known.Height, known.Width)
                : (1.0, 1.0, 1.0);
            return new RawVolume(file, new(type, bigEndian), lastAxisFastest)
            {
                Volume = volume,
                IsInterleaved = !lastAxisFastest && count > 1,
                Path = path,
                Format = "npy",
                Grid = Grid.Centered(size, new(depth, height, width), AxisCodes),
                DataType = type.Name,
                IsSpacingKnown = spacing is not null,
                Warnings = spacing is null
                    ?
                    [
                        "the format stores no spacing or orientation; assuming 1 mm and axes right, inferior, posterior",
                    ]
                    : [],
            };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    [GeneratedRegex(@"'descr':\s*('[^']*'|\[.*?\])")]
    private static partial Regex DescriptionField();

    [GeneratedRegex(@"'shape':\s*\(([^)]*)\)")]
    private static partial Regex ShapeField();

    [GeneratedRegex(@"'fortran_order':\s*(True|False)")]
    private static partial Regex OrderField();

    private static string ReadHeader(string path, Stream stream)
    {
        Span<byte> start = stackalloc byte[12];
        if (
            InputFile.ReadUpTo(path, stream, start[..10]) < 10
            || !start[..6].SequenceEqual(Magic)
            || start[6] is 0 or > 3
        )
            throw NotAnArray(path);
        int length = BitConverter.ToUInt16(start[8..]);
        if (start[6] > 1)
        {
            if (InputFile.ReadUpTo(path, stream, start[10..]) < 2)
                throw NotAnArray(path);
            length = BitConverter.ToInt32(start[8..]);
        }
        if (length is < 0 or > MostHeaderBytes)
            throw NotAnArray(path);
        var header = new byte[length];
        return InputFile.ReadUpTo(path, stream, header) == length
            ? Encoding.Latin1.GetString(header)
            : throw NotAnArray(path);
    }

    private static string Field(string path, string header, Regex field) =>
        field.Match(header) is { Success: true } match
            ? match.Groups[1].Value.Trim('\'')
            : throw NotAnArray(path);

    private static (VoxelType Type, bool BigEndian) ReadType(string path, string description) =>
        (
            description.TrimStart('<', '>', '|', '=') switch
            {
                "b1" => VoxelType.Bool,
                "u1" => VoxelType.UInt8,
                "i1" => VoxelType.Int8,
                "u2" => VoxelType.UInt16,
                "i2" => VoxelType.Int16,
                "u4" => VoxelType.UInt32,
                "i4" => VoxelType.Int32,
                "u8" => VoxelType.UInt64,
                "i8" => VoxelType.Int64,
                "f4" => VoxelType.Float32,
                "f8" => VoxelType.Float64,
                _ => throw new ProblemException(
                    ExitCode.Data,
                    path,
                    $"its values have the unsupported type {description}",
                    "Save it as float32 for an image or uint8 for labels"
                ),
            },
            description.StartsWith('>')
        );

    private static (int Volumes, Size3 Size) ReadShape(string path, string shape)
    {
        var words = shape.Split(
            ',',
            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
        );
        var sizes = Array.ConvertAll(
            words,
            word => long.TryParse(word, CultureInfo.InvariantCulture, out var size) ? size : 0
        );
        if (sizes.Length is not (2 or 3 or 4) || sizes.Any(size => size is < 1 or > int.MaxValue))
            throw new ProblemException(
                ExitCode.Data,
                path,
                $"its array has the shape ({shape})",
                "Save one volume of (depth, height, width), several of (volume, depth, height, width), or one slice of (height, width)"
            );
        long[] all = [.. Enumerable.Repeat(1L, 4 - sizes.Length), .. sizes];
        VoxelMemory.CheckCount(path, all);
        return ((int)all[0], new((int)all[1], (int)all[2], (int)all[3]));
    }

    private static ProblemException NotAnArray(string path) =>
        new(
            ExitCode.Data,
            path,
            "it is not a .npy file, or its header is damaged",
            "Save the array again with numpy.save"
        );
}
