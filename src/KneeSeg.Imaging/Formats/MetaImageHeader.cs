using System.Globalization;
using System.Text;

namespace KneeSeg.Imaging.Formats;

/// <summary>
/// The text header of a MetaImage, <c>key = value</c> up to the line that names the data file; its space is LPS
/// (https://itk.org/Wiki/ITK/MetaIO/Documentation).
/// </summary>
/// <param name="path">Named in errors.</param>
/// <param name="fields">The values by key.</param>
internal sealed class MetaImageHeader(string path, IReadOnlyDictionary<string, string> fields)
{
    private const int MostBytes = 1 << 16;
    private const int MostChannels = 1 << 12;
    private const string LastKey = "ElementDataFile";

    /// <summary>Where the voxels are: <c>LOCAL</c>, behind the header, or a file's name.</summary>
    public string DataFile => Find(LastKey)!;

    public bool IsCompressed => Flag("CompressedData");

    /// <summary>Bytes before the voxels in their file; -1 when the voxels are its last.</summary>
    public long HeaderSize => Find("HeaderSize") is { } text ? Whole("HeaderSize", text) : 0;

    /// <summary>Reads the header and leaves the stream at the byte behind it.</summary>
    /// <exception cref="ProblemException">It is not a MetaImage header (exit 3).</exception>
    public static MetaImageHeader Read(string path, Stream stream)
    {
        Dictionary<string, string> fields = new(StringComparer.OrdinalIgnoreCase);
        StringBuilder line = new();
        for (var read = 0; read < MostBytes && stream.ReadByte() is var next and >= 0; read++)
        {
            if (next != '\n')
            {
                line.Append((char)next);
                continue;
            }
            var parts = line.ToString().Split('=', 2, StringSplitOptions.TrimEntries);
            line.Clear();
            if (parts is [""])
                continue;
            if (parts.Length < 2)
                break;
            fields[parts[0]] = parts[1];
            if (parts[0].Equals(LastKey, StringComparison.OrdinalIgnoreCase))
                return new(path, fields);
        }
        throw new ProblemException(
            ExitCode.Data,
            path,
            $"it is not a MetaImage: its header of \"key = value\" lines has no {LastKey}",
            "Copy or download the file again, or correct its extension"
        );
    }

    /// <summary>The shape and affine in RAS+ mm, and how many such volumes follow each other along a fourth axis.</summary>
    /// <exception cref="ProblemException">They are invalid, or have more than four axes (exit 3).</exception>
    public (Grid Grid, int Volumes) Grid(List<string> warnings)
    {
        var rank = Whole("NDims", Find("NDims") ?? throw Missing("NDims"));
        if (rank is not (2 or 3 or 4))
            throw Bad($"it has {rank} dimensions", "Save one 3D volume per file");
        var sizes = Numbers((int)rank, "DimSize") ?? throw Missing("DimSize");
        if (sizes.Any(size => !(size >= 1) || size != Math.Floor(size) || size > int.MaxValue))
            throw Bad(
                $"its DimSize is \"{Find("DimSize")}\"",
                "Save the file again with its actual shape"
            );
        long[] voxels =
        [
            .. sizes.Select(size => (long)size),
            .. rank == 2 ? [1L] : Array.Empty<long>(),
        ];
        VoxelMemory.CheckCount(path, voxels);
        return (
            new(new((int)voxels[0], (int)voxels[1], (int)voxels[2]), Affine((int)rank, warnings)),
            rank == 4 ? (int)voxels[3] : 1
        );
    }

    /// <summary>How many values each voxel has.</summary>
    /// <exception cref="ProblemException">It is not a number of values (exit 3).</exception>
    public int Channels() =>
        Find("ElementNumberOfChannels") is not { } text ? 1
        : Whole("ElementNumberOfChannels", text) is > 0 and <= MostChannels and var count
            ? (int)count
        : throw Bad($"it has {text} channels", "Save one channel per file");

    /// <summary>The voxels' encoding.</summary>
    /// <exception cref="ProblemException">An unknown type, or text (exit 3).</exception>
    public VoxelEncoding Encoding()
    {
        if (Find("BinaryData") is { } binary && !IsTrue(binary))
            throw Bad("its voxels are stored as text", "Save it again with BinaryData = True");
        var name = Find("ElementType") ?? throw Missing("ElementType");
        var type = name.ToUpperInvariant() switch
        {
            "MET_UCHAR" => VoxelType.UInt8,
            "MET_CHAR" => VoxelType.Int8,
            "MET_USHORT" => VoxelType.UInt16,
            "MET_SHORT" => VoxelType.Int16,
            // As in MetaIO, on every platform.
            "MET_UINT" or "MET_ULONG" => VoxelType.UInt32,
            "MET_INT" or "MET_LONG" => VoxelType.Int32,
            "MET_ULONG_LONG" => VoxelType.UInt64,
            "MET_LONG_LONG" => VoxelType.Int64,
            "MET_FLOAT" => VoxelType.Float32,
            "MET_DOUBLE" => VoxelType.Float64,
            _ => throw Bad(
                $"its voxels have the unsupported type {name}",
                "Convert it to a scalar type such as MET_SHORT or MET_FLOAT"
            ),
        };
        return new(type, Flag("BinaryDataByteOrderMSB") || Flag("ElementByteOrderMSB"));
    }

    /// <summary>An error in this header.</summary>
    public ProblemException Bad(string what, string fix) => new(ExitCode.Data, path, what, fix);

    private Affine Affine(int rank, List<string> warnings)
    {
        var spacing = Numbers(rank, "ElementSpacing", "ElementSize");
        if (spacing is null)
            warnings.Add("it has no spacing; assuming 1 mm");
        var origin = Numbers(rank, "Offset", "Origin", "Position");
        var matrix = Numbers(rank * rank, "TransformMatrix", "Orientation", "Rotation");
        if (matrix is null)
            warnings.Add("it has no orientation; assuming axes left, posterior, superior");
        // Listed axis by axis; left and posterior are right and anterior backwards.
        Point3 Step(int axis)
        {
            double Along(int row) =>
                axis >= rank || row >= rank
                    ? (axis == row ? 1 : 0)
                    : matrix?[axis * rank + row] ?? (axis == row ? 1 : 0);
            var length = axis < rank ? spacing?[axis] ?? 1 : 1;
            return length * new Point3(-Along(0), -Along(1), Along(2));
        }
        double At(int row) => row < rank ? origin?[row] ?? 0 : 0;
        var affine = Imaging.Affine.FromColumns(
            Step(0),
            Step(1),
            Step(2),
            new(-At(0), -At(1), At(2))
        );
        if (spacing?.All(length => length > 0) == false || !affine.IsInvertible)
            throw Bad(
                "its spacing and orientation are not finite or are singular",
                "Restore the orientation from the scanner's files"
            );
        NiftiAffine.WarnOfShear(affine, warnings);
        return affine;
    }

    private string? Find(params string[] keys) =>
        keys.Select(key => fields.GetValueOrDefault(key))
            .FirstOrDefault(value => value is not null);

    private double[]? Numbers(int count, params string[] keys)
    {
        if (Find(keys) is not { } text)
            return null;
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var numbers = new double[words.Length];
        for (var i = 0; i < words.Length; i++)
            if (
                !double.TryParse(
                    words[i],
                    NumberStyles.Float,
                    CultureInfo.InvariantCulture,
                    out numbers[i]
                )
            )
                throw Bad($"its {keys[0]} is \"{text}\"", "Save the file again");
        return numbers.Length == count
            ? numbers
            : throw Bad(
                $"its {keys[0]} has {numbers.Length} numbers instead of {count}",
                "Save the file again"
            );
    }

    private long Whole(string key, string text) =>
        long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Bad($"its {key} is \"{text}\"", "Save the file again");

    private bool Flag(string key) => Find(key) is { } text && IsTrue(text);

    private static bool IsTrue(string text) => text is ['t' or 'T' or '1', ..];

    private ProblemException Missing(string key) =>
        Bad($"its header lacks {key}", "Save the file again");
}
