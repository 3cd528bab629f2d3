using System.Globalization;
using System.Text;

namespace KneeSeg.Imaging;

/// <summary>
/// The text header of a MetaImage, <c>key = value</c> up to the line that names the voxels' place; its space is LPS
/// (https://itk.org/Wiki/ITK/MetaIO/Documentation).
/// </summary>
/// <param name="path">Named in errors.</param>
/// <param name="fields">The values by key.</param>
internal sealed class MetaImageHeader(string path, IReadOnlyDictionary<string, string> fields)
{
    private const int MostBytes = 1 << 16;
    private const string LastKey = "ElementDataFile";

    /// <summary>Where the voxels are: <c>LOCAL</c>, behind the header, or a file's name.</summary>
    public string DataFile => Find(LastKey)!;

    public bool IsCompressed => Flag("CompressedData");

    /// <summary>Bytes before the voxels in their file; -1 when the voxels are its last.</summary>
    public long HeaderSize => Find("HeaderSize") is { } text ? Whole("HeaderSize", text) : 0;

    /// <summary>Reads the header and leaves the stream at the byte behind it.</summary>
    /// <exception cref="ProblemException">It is no MetaImage header (exit 3).</exception>
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
            $"it is no MetaImage: its header of lines \"key = value\" does not come to {LastKey}",
            "Copy or download the file again, or rename it to what it is"
        );
    }

    /// <summary>The shape and its place in RAS+ mm.</summary>
    /// <exception cref="ProblemException">They make no sense, or have more than three axes (exit 3).</exception>
    public Grid Grid(List<string> warnings)
    {
        var rank = Whole("NDims", Find("NDims") ?? throw Missing("NDims"));
        if (rank is not (2 or 3))
            throw Bad($"it has {rank} dimensions", "Give one 3D volume a file");
        var sizes = Numbers((int)rank, "DimSize") ?? throw Missing("DimSize");
        if (sizes.Any(size => !(size >= 1) || size != Math.Floor(size) || size > int.MaxValue))
            throw Bad(
                $"its DimSize is \"{Find("DimSize")}\"",
                "Write the file again with its real shape"
            );
        long[] voxels =
        [
            .. sizes.Select(size => (long)size),
            .. rank == 2 ? [1L] : Array.Empty<long>(),
        ];
        VoxelMemory.CheckCount(path, voxels);
        return new(
            new((int)voxels[0], (int)voxels[1], (int)voxels[2]),
            Affine((int)rank, warnings)
        );
    }

    /// <summary>As what the voxels are stored.</summary>
    /// <exception cref="ProblemException">Not as numbers, one a voxel (exit 3).</exception>
    public VoxelEncoding Encoding()
    {
        if (Find("ElementNumberOfChannels") is { } channels && channels != "1")
            throw Bad($"it has {channels} channels", "Give one channel a file");
        if (Find("BinaryData") is { } binary && !IsTrue(binary))
            throw Bad("its voxels are written as text", "Write it again with BinaryData = True");
        var name = Find("ElementType") ?? throw Missing("ElementType");
        var type = name.ToUpperInvariant() switch
        {
            "MET_UCHAR" => VoxelType.UInt8,
            "MET_CHAR" => VoxelType.Int8,
            "MET_USHORT" => VoxelType.UInt16,
            "MET_SHORT" => VoxelType.Int16,
            // As MetaIO itself has it on every platform.
            "MET_UINT" or "MET_ULONG" => VoxelType.UInt32,
            "MET_INT" or "MET_LONG" => VoxelType.Int32,
            "MET_ULONG_LONG" => VoxelType.UInt64,
            "MET_LONG_LONG" => VoxelType.Int64,
            "MET_FLOAT" => VoxelType.Float32,
            "MET_DOUBLE" => VoxelType.Float64,
            _ => throw Bad(
                $"its voxels are of the type {name}",
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
            warnings.Add("it says no spacing; 1 mm is taken");
        var origin = Numbers(rank, "Offset", "Origin", "Position");
        var matrix = Numbers(rank * rank, "TransformMatrix", "Orientation", "Rotation");
        if (matrix is null)
            warnings.Add("it says no orientation; axes are taken as left, posterior, superior");
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
                "its spacing and orientation are not finite or give voxels no volume",
                "Set the orientation again from the scanner's files"
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
                throw Bad($"its {keys[0]} is \"{text}\"", "Write the file again");
        return numbers.Length == count
            ? numbers
            : throw Bad(
                $"its {keys[0]} has {numbers.Length} numbers where {count} are needed",
                "Write the file again"
            );
    }

    private long Whole(string key, string text) =>
        long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Bad($"its {key} is \"{text}\"", "Write the file again");

    private bool Flag(string key) => Find(key) is { } text && IsTrue(text);

    private static bool IsTrue(string text) => text is ['t' or 'T' or '1', ..];

    private ProblemException Missing(string key) =>
        Bad($"its header lacks {key}", "Write the file again");
}
