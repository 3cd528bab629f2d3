using System.Globalization;

namespace KneeSeg.Imaging.Formats;

/// <summary>
/// The text header of NRRD: lines <c>field: value</c> and <c>key:=value</c> up to an empty one, or to the end of a file
/// whose voxels are elsewhere (https://teem.sourceforge.net/nrrd/format.html).
/// </summary>
internal sealed class NrrdHeader
{
    private const int MostBytes = 4 << 20;
    private const string ListOfFiles = "LIST";
    private const string SaveAgain = "Save it again from 3D Slicer as .nrrd or .nii.gz";

    private readonly string path;

    // Without spaces and in lower case: some fields may be written either way.
    private readonly Dictionary<string, string> fields = [];
    private readonly Dictionary<string, string> pairs = [];

    private NrrdHeader(string path) => this.path = path;

    /// <summary>The format version, 1 to 5.</summary>
    public int Version { get; private set; }

    /// <summary>Pairs of the writer's own, such as 3D Slicer's names of segments.</summary>
    public IReadOnlyDictionary<string, string> Pairs => pairs;

    /// <summary>The file with the voxels; null where they follow the header.</summary>
    public string? DataFile => Find("data file");

    /// <summary>Lines before the voxels in their file.</summary>
    public long LineSkip => Find("line skip") is { } text ? Whole("line skip", text) : 0;

    /// <summary>Bytes before the voxels, once unpacked; -1 where the voxels are the last of their file.</summary>
    public long ByteSkip => Find("byte skip") is { } text ? Whole("byte skip", text) : 0;

    /// <summary>Reads the header and leaves the stream at the byte behind it.</summary>
    /// <exception cref="ProblemException">It is not an NRRD header (exit 3).</exception>
    public static NrrdHeader Read(string path, Stream stream)
    {
        var header = new NrrdHeader(path);
        var left = MostBytes;
        var magic = Line(stream, ref left) ?? "";
        if (magic is not ['N', 'R', 'R', 'D', '0', '0', '0', >= '1' and <= '5'])
            throw magic.StartsWith("NRRD", StringComparison.Ordinal)
                ? header.Bad($"its first line \"{magic}\" has an unknown version", SaveAgain)
                : header.Bad(
                    "it is not NRRD: it does not begin with \"NRRD\" and a version",
                    "Copy or download the file again, or correct its extension"
                );
        header.Version = magic[^1] - '0';
        while (Line(stream, ref left) is { } line)
        {
            if (line.Length == 0)
                return header;
            header.Take(line);
            if (header.DataFile?.StartsWith(ListOfFiles, StringComparison.Ordinal) == true)
                return header;
        }
        return left > 0 && header.DataFile is not null
            ? header
            : throw header.Bad(
                "its header has no end: the empty line is missing",
                "Copy or download the file again"
            );
    }

    /// <summary>Voxels along each axis of the file, the fastest first.</summary>
    /// <exception cref="ProblemException">They are missing or invalid (exit 3).</exception>
    public long[] Sizes()
    {
        var rank = Whole("dimension", Required("dimension"));
        var text = Required("sizes");
        var sizes = Array.ConvertAll(Words(text), word => Whole("sizes", word));
        if (sizes.Length != rank || sizes.Length is < 1 or > 16 || sizes.Any(size => size < 1))
            throw Bad($"its sizes \"{text}\" do not match {rank} dimensions", SaveAgain);
        VoxelMemory.CheckCount(path, sizes);
        return sizes;
    }

    /// <summary>The voxels' encoding.</summary>
    /// <exception cref="ProblemException">An unknown type or byte order (exit 3).</exception>
    public VoxelEncoding Encoding()
    {
        var name = Required("type");
        var type = name.ToLowerInvariant() switch
        {
            "signed char" or "int8" or "int8_t" => VoxelType.Int8,
            "uchar" or "unsigned char" or "uint8" or "uint8_t" => VoxelType.UInt8,
            "short"
            or "short int"
            or "signed short"
            or "signed short int"
            or "int16"
            or "int16_t" => VoxelType.Int16,
            "ushort" or "unsigned short" or "unsigned short int" or "uint16" or "uint16_t" =>
                VoxelType.UInt16,
            "int" or "signed int" or "int32" or "int32_t" => VoxelType.Int32,
            "uint" or "unsigned int" or "uint32" or "uint32_t" => VoxelType.UInt32,
            "longlong" or "long long" or "long long int" or "signed long long" => VoxelType.Int64,
            "signed long long int" or "int64" or "int64_t" => VoxelType.Int64,
            "ulonglong" or "unsigned long long" or "unsigned long long int" => VoxelType.UInt64,
            "uint64" or "uint64_t" => VoxelType.UInt64,
            "float" => VoxelType.Float32,
            "double" => VoxelType.Float64,
            _ => throw Bad($"its voxels have the unsupported type {name}", SaveAgain),
        };
        if (type.Bytes == 1)
            return new(type);
        return Required("endian").ToLowerInvariant() switch
        {
            "little" => new(type),
            "big" => new(type, BigEndian: true),
            var other => throw Bad($"its byte order \"{other}\" is unknown", SaveAgain),
        };
    }

    /// <summary>Whether the voxels are gzipped; they are plain bytes if not.</summary>
    /// <exception cref="ProblemException">Another encoding (exit 3).</exception>
    public bool IsZipped() =>
        Required("encoding").ToLowerInvariant() switch
        {
            "raw" => false,
            "gzip" or "gz" => true,
            var other => throw Bad(
                $"its encoding \"{other}\" is not supported, only raw and gzip",
                SaveAgain
            ),
        };

    /// <summary>A field's value; null if it is missing.</summary>
    public string? Find(string field) => fields.GetValueOrDefault(Plain(field));

    /// <summary>An error in this header.</summary>
    public ProblemException Bad(string what, string fix) => new(ExitCode.Data, path, what, fix);

    /// <summary>A field of numbers.</summary>
    /// <exception cref="ProblemException">A word is not a number (exit 3).</exception>
    public double[] Numbers(string field, string text) =>
        Array.ConvertAll(
            text.Split([' ', ',', '\t'], StringSplitOptions.RemoveEmptyEntries),
            word =>
                double.TryParse(
                    word,
                    NumberStyles.Float,
                    CultureInfo.InvariantCulture,
                    out var number
                )
                    ? number
                    : throw Bad($"its {field} contains \"{word}\" instead of a number", SaveAgain)
        );

    /// <summary>The words of a value.</summary>
    public static string[] Words(string text) =>
        text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);

    private void Take(string line)
    {
        var colon = line.IndexOf(':');
        if (line[0] == '#')
            return;
        if (colon < 0)
            throw Bad($"its header line \"{line}\" is not a field", SaveAgain);
        if (colon + 1 < line.Length && line[colon + 1] == '=')
            pairs[line[..colon]] = line[(colon + 2)..]
                .Replace("\\\\", "\0")
                .Replace("\\n", "\n")
                .Replace('\0', '\\');
        else
            fields[Plain(line[..colon])] = line[(colon + 1)..].Trim();
    }

    private static string? Line(Stream stream, ref int left)
    {
        List<byte> line = [];
        int next;
        while ((next = stream.ReadByte()) is >= 0 and not '\n' && --left > 0)
            line.Add((byte)next);
        return next < 0 && line.Count == 0 || left <= 0
            ? null
            : System.Text.Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
    }

    private string Required(string field) =>
        Find(field) ?? throw Bad($"its header lacks \"{field}\"", SaveAgain);

    private long Whole(string field, string text) =>
        long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Bad($"its {field} is \"{text}\"", SaveAgain);

    private static string Plain(string field) => field.Replace(" ", "").ToLowerInvariant();
}
