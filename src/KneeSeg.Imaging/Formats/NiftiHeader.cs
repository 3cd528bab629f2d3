using System.Globalization;

namespace KneeSeg.Imaging.Formats;

/// <summary>A validated NIfTI header: shape, type, scaling and grid.</summary>
/// <param name="Version">1 or 2.</param>
/// <param name="IsPair">Whether the voxels are in a separate file.</param>
/// <param name="Grid">The voxels of one volume in RAS+ mm.</param>
/// <param name="Volumes">How many volumes there are along the fourth axis.</param>
/// <param name="Encoding">The voxels' encoding.</param>
/// <param name="VoxelOffset">Where the voxels start in their file.</param>
/// <param name="ExtensionBytes">Between the header and the voxels in the same file, if there are extensions.</param>
/// <param name="Warnings">Warnings, one sentence each.</param>
internal sealed record NiftiHeader(
    int Version,
    bool IsPair,
    Grid Grid,
    int Volumes,
    VoxelEncoding Encoding,
    long VoxelOffset,
    long ExtensionBytes,
    List<string> Warnings
)
{
    private const long MostExtensionBytes = 64L << 20;

    /// <summary>Reads a header.</summary>
    /// <param name="path">Named in errors.</param>
    /// <param name="bytes">As many as its version has.</param>
    /// <exception cref="ProblemException">It is not a valid NIfTI header (exit 3).</exception>
    public static NiftiHeader Parse(string path, ReadOnlySpan<byte> bytes)
    {
        var fields = NiftiFields.Of(path, bytes);
        List<string> warnings = [];
        var (size, volumes) = ReadSize(fields);
        var type = ReadType(fields, warnings);
        var (slope, intercept) = ReadScaling(fields, warnings);
        var grid = NiftiAffine.Read(fields, size, warnings);
        var offset = ReadOffset(fields);
        return new(
            fields.Version,
            fields.IsPair,
            grid,
            volumes,
            new(type, fields.BigEndian, slope, intercept),
            offset,
            fields.HasExtensions ? offset - fields.Length : 0,
            warnings
        );
    }

    private static (Size3 Size, int Volumes) ReadSize(NiftiFields fields)
    {
        var rank = fields.Rank;
        Span<long> sizes = [1, 1, 1, 1];
        for (var axis = 1; axis <= rank; axis++)
        {
            var size = fields.Dimension(axis);
            if (size < 1)
                throw fields.Bad(
                    $"axis {axis} has {size} voxels",
                    "Save the file again with its actual shape"
                );
            if (axis <= sizes.Length)
                sizes[axis - 1] = size;
            else if (size > 1)
                throw fields.Bad(
                    $"it has {rank} dimensions; axis {axis} has size {size}",
                    "Save one 3D volume per file, for example with fslsplit or nibabel.four_to_three"
                );
        }
        VoxelMemory.CheckCount(fields.Path, sizes[3] > 1 ? sizes : sizes[..3]);
        return (new((int)sizes[0], (int)sizes[1], (int)sizes[2]), (int)sizes[3]);
    }

    private static VoxelType ReadType(NiftiFields fields, List<string> warnings)
    {
        var (code, bits) = (fields.DataType, fields.Bits);
        var type = code switch
        {
            2 => VoxelType.UInt8,
            4 => VoxelType.Int16,
            8 => VoxelType.Int32,
            16 => VoxelType.Float32,
            64 => VoxelType.Float64,
            256 => VoxelType.Int8,
            512 => VoxelType.UInt16,
            768 => VoxelType.UInt32,
            1024 => VoxelType.Int64,
            1280 => VoxelType.UInt64,
            _ => throw fields.Bad(
                $"its voxels are {NameOf(code)}",
                "Convert it to a scalar type such as int16 or float32"
            ),
        };
        if (bits != 8 * type.Bytes)
            warnings.Add(
                $"bitpix is {bits}, but the data type {type.Name} has {8 * type.Bytes} bits per voxel"
            );
        return type;
    }

    private static string NameOf(int code) =>
        code switch
        {
            1 => "single bits",
            32 or 1792 or 2048 => "complex numbers",
            128 or 2304 => "RGB colors",
            1536 => "128-bit floats",
            _ => $"of the unknown data type {code}",
        };

    private static (double Slope, double Intercept) ReadScaling(
        NiftiFields fields,
        List<string> warnings
    )
    {
        var (slope, intercept) = (fields.Slope, fields.Intercept);
        // By the standard, a slope of 0 means no scaling.
        if (slope == 0)
            return (1, 0);
        if (double.IsFinite(slope) && double.IsFinite(intercept))
            return (slope, intercept);
        if (!double.IsNaN(slope) || !double.IsNaN(intercept))
            warnings.Add("the scaling is not finite and is ignored");
        return (1, 0);
    }

    private static long ReadOffset(NiftiFields fields)
    {
        var (offset, least) = (fields.VoxelOffset, fields.IsPair ? 0 : fields.Length);
        return
            offset >= least && offset <= least + MostExtensionBytes && offset == Math.Floor(offset)
            ? (long)offset
            : throw fields.Bad(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"its voxel offset {offset} is invalid"
                ),
                $"Save the file again; voxels start at byte {least} or later"
            );
    }
}
