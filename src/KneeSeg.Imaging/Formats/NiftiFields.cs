using System.Buffers.Binary;

namespace KneeSeg.Imaging;

/// <summary>The numbers of a NIfTI-1 header by byte offset, in the order of bytes that makes sense of them.</summary>
internal readonly ref struct NiftiFields
{
    private readonly ReadOnlySpan<byte> bytes;

    private NiftiFields(string path, ReadOnlySpan<byte> bytes, bool bigEndian)
    {
        Path = path;
        this.bytes = bytes;
        BigEndian = bigEndian;
    }

    public string Path { get; }
    public bool BigEndian { get; }

    /// <summary>Recognises a header by its magic word and its count of dimensions.</summary>
    /// <exception cref="ProblemException">It is something else (exit 3).</exception>
    public static NiftiFields Of(string path, ReadOnlySpan<byte> bytes)
    {
        var little = new NiftiFields(path, bytes, bigEndian: false);
        var big = new NiftiFields(path, bytes, bigEndian: true);
        if (little.Int32(0) == 540 || big.Int32(0) == 540)
            throw little.Bad(
                "it is NIfTI-2",
                "Save it as NIfTI-1, for instance by nibabel.Nifti1Image.from_image"
            );

        var magic = bytes.Slice(344, 4);
        if (magic.SequenceEqual("ni1\0"u8))
            throw little.Bad(
                "its header is one of a pair of files",
                "Join .hdr and .img into one .nii, for instance by fslchfiletype NIFTI_GZ"
            );
        if (!magic.SequenceEqual("n+1\0"u8))
            throw little.Int32(0) == 348 || big.Int32(0) == 348
                ? little.Bad(
                    "it has no NIfTI magic word, so it may be Analyze 7.5, which knows no orientation",
                    "Convert it to NIfTI from the scanner's own files"
                )
                : little.Bad(
                    "it is not NIfTI",
                    "Give a .nii or .nii.gz file, or rename it to what it is"
                );

        var fields = little.Int16(40) is >= 1 and <= 7 ? little : big;
        if (fields.Int16(40) is < 1 or > 7)
            throw little.Bad(
                $"it declares {little.Int16(40)} dimensions",
                "Write the file again; NIfTI has 1 to 7 dimensions"
            );
        return fields.Int32(0) == 348
            ? fields
            : throw fields.Bad(
                $"its header says it has {fields.Int32(0)} bytes, not 348",
                "Write the file again"
            );
    }

    public int Int16(int offset) =>
        BigEndian
            ? BinaryPrimitives.ReadInt16BigEndian(bytes[offset..])
            : BinaryPrimitives.ReadInt16LittleEndian(bytes[offset..]);

    public int Int32(int offset) =>
        BigEndian
            ? BinaryPrimitives.ReadInt32BigEndian(bytes[offset..])
            : BinaryPrimitives.ReadInt32LittleEndian(bytes[offset..]);

    public float Single(int offset) => BitConverter.Int32BitsToSingle(Int32(offset));

    public byte Byte(int offset) => bytes[offset];

    public ProblemException Bad(string what, string fix) => new(ExitCode.Data, Path, what, fix);
}
