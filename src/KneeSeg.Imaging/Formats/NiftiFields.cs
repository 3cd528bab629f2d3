using System.Buffers.Binary;

namespace KneeSeg.Imaging.Formats;

/// <summary>
/// The fields of a NIfTI-1 or NIfTI-2 header by name, in the detected byte order
/// (https://nifti.nimh.nih.gov/pub/dist/src/niftilib/nifti1.h and nifti2.h).
/// </summary>
internal readonly ref struct NiftiFields
{
    /// <summary>Bytes of a NIfTI-1 header, with the four extension flags.</summary>
    public const int Length1 = 352;

    /// <summary>The same of NIfTI-2.</summary>
    public const int Length2 = 544;

    /// <summary>Bytes of the extension flags.</summary>
    public const int ExtensionFlags = 4;

    private readonly ReadOnlySpan<byte> bytes;

    private NiftiFields(string path, ReadOnlySpan<byte> bytes, int version, bool bigEndian)
    {
        (Path, Version, BigEndian) = (path, version, bigEndian);
        this.bytes = bytes;
    }

    /// <summary>Named in errors.</summary>
    public string Path { get; }

    /// <summary>1 or 2.</summary>
    public int Version { get; }

    /// <summary>The byte order of header and voxels.</summary>
    public bool BigEndian { get; }

    /// <summary>Bytes of the header, with the four extension flags.</summary>
    public int Length => Version == 1 ? Length1 : Length2;

    /// <summary>Whether the voxels are in a separate file.</summary>
    public bool IsPair => bytes[(Version == 1 ? 344 : 4) + 1] == 'i';

    public int Rank => (int)Dimension(0);
    public int DataType => Version == 1 ? Int16(70) : Int16(12);
    public int Bits => Version == 1 ? Int16(72) : Int16(14);
    public double VoxelOffset => Version == 1 ? Single(108) : Int64(168);
    public double Slope => Version == 1 ? Single(112) : Double(176);
    public double Intercept => Version == 1 ? Single(116) : Double(184);
    public int QformCode => Version == 1 ? Int16(252) : Int32(344);
    public int SformCode => Version == 1 ? Int16(254) : Int32(348);
    public byte Units => Version == 1 ? bytes[123] : bytes[BigEndian ? 503 : 500];
    public int LengthUnit => Units & 7;
    public bool HasExtensions => bytes[Length - ExtensionFlags] != 0;

    /// <summary>Voxels along an axis from 1; 0 is the number of axes.</summary>
    public long Dimension(int axis) => Version == 1 ? Int16(40 + 2 * axis) : Int64(16 + 8 * axis);

    /// <summary>Distance of voxels along an axis from 1; 0 is the handedness of the qform.</summary>
    public double PixelSize(int axis) =>
        Version == 1 ? Single(76 + 4 * axis) : Double(104 + 8 * axis);

    /// <summary>b, c and d of the qform's quaternion.</summary>
    public double Quaternion(int index) =>
        Version == 1 ? Single(256 + 4 * index) : Double(352 + 8 * index);

    /// <summary>The qform's origin.</summary>
    public double QformOrigin(int axis) =>
        Version == 1 ? Single(268 + 4 * axis) : Double(376 + 8 * axis);

    /// <summary>The sform, three rows of four.</summary>
    public double Sform(int row, int column) =>
        Version == 1 ? Single(280 + 4 * (4 * row + column)) : Double(400 + 8 * (4 * row + column));

    /// <summary>Whether the first bytes of a file are those of NIfTI-2, whose header is longer.</summary>
    public static bool AreOfVersion2(ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadInt32LittleEndian(bytes) == 540
        || BinaryPrimitives.ReadInt32BigEndian(bytes) == 540;

    /// <summary>Recognizes a header by its size, its magic word and its count of dimensions.</summary>
    /// <param name="path">Named in errors.</param>
    /// <param name="bytes">As many as its version has.</param>
    /// <exception cref="ProblemException">It is something else (exit 3).</exception>
    public static NiftiFields Of(string path, ReadOnlySpan<byte> bytes)
    {
        var version = AreOfVersion2(bytes) ? 2 : 1;
        var little = new NiftiFields(path, bytes, version, bigEndian: false);
        var big = new NiftiFields(path, bytes, version, bigEndian: true);
        CheckMagic(little, version == 2 || little.Int32(0) == 348 || big.Int32(0) == 348);

        var fields = little.Dimension(0) is >= 1 and <= 7 ? little : big;
        if (fields.Dimension(0) is < 1 or > 7)
            throw little.Bad(
                $"it declares {little.Dimension(0)} dimensions",
                "Save the file again; NIfTI has 1 to 7 dimensions"
            );
        return fields.Int32(0) is 348 or 540
            ? fields
            : throw fields.Bad(
                $"its header declares {fields.Int32(0)} bytes instead of 348 or 540",
                "Save the file again"
            );
    }

    public ProblemException Bad(string what, string fix) => new(ExitCode.Data, Path, what, fix);

    private static void CheckMagic(NiftiFields fields, bool hasLength)
    {
        var isNifti =
            fields.Version == 1
                ? fields.bytes.Slice(344, 4) is [(byte)'n', (byte)'+' or (byte)'i', (byte)'1', 0]
                : fields.bytes.Slice(4, 8)
                    is [(byte)'n', (byte)'+' or (byte)'i', (byte)'2', 0, 13, 10, 26, 10];
        if (isNifti)
            return;
        throw hasLength && fields.Version == 1
            ? fields.Bad(
                "it has no NIfTI magic string and may be Analyze 7.5, which stores no orientation",
                "Convert it to NIfTI from the scanner's own files"
            )
        : hasLength
            ? fields.Bad(
                "it begins like NIfTI-2, but its magic string is damaged, possibly by a transfer in text mode",
                "Copy or download the file again in binary mode"
            )
        : fields.Bad("it is not NIfTI", "Pass a .nii or .nii.gz file, or correct its extension");
    }

    private int Int16(int offset) =>
        BigEndian
            ? BinaryPrimitives.ReadInt16BigEndian(bytes[offset..])
            : BinaryPrimitives.ReadInt16LittleEndian(bytes[offset..]);

    private int Int32(int offset) =>
        BigEndian
            ? BinaryPrimitives.ReadInt32BigEndian(bytes[offset..])
            : BinaryPrimitives.ReadInt32LittleEndian(bytes[offset..]);

    private long Int64(int offset) =>
        BigEndian
            ? BinaryPrimitives.ReadInt64BigEndian(bytes[offset..])
            : BinaryPrimitives.ReadInt64LittleEndian(bytes[offset..]);

    private float Single(int offset) => BitConverter.Int32BitsToSingle(Int32(offset));

    private double Double(int offset) => BitConverter.Int64BitsToDouble(Int64(offset));
}
