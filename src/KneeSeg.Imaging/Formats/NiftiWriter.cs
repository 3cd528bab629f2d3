using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace KneeSeg.Imaging.Formats;

/// <summary>
/// Writes NIfTI-1, gzipped when the name ends in <c>.gz</c>: little-endian, with the forms, codes and units of the NIfTI
/// file that its grid was read from. Other grids are written in mm, sform and qform of the same matrix with code 1 (the
/// sform alone for sheared axes, which a qform can't represent). Equal volumes give equal bytes.
/// </summary>
internal static class NiftiWriter
{
    private const int HeaderBytes = 352;

    private const int ScannerSpace = 1;
    private const byte MillimetersAndSeconds = 2 | 8;

    // NIFTI_INTENT_LABEL: viewers then show colors, and never blend two labels.
    private const short LabelIntent = 1002;

    private const double MostShearDegrees = 1e-3;

    /// <summary>Writes an image or labels.</summary>
    /// <param name="path">A name ending in <c>.nii</c> or <c>.nii.gz</c>.</param>
    /// <param name="volume">Voxels of <see cref="byte"/>, <see cref="short"/> or <see cref="float"/>, with their grid.</param>
    /// <exception cref="ProblemException">An axis is too long for NIfTI-1 (exit 3), or the file can't be written (exit 6).</exception>
    public static void Write<T>(string path, Volume<T> volume)
        where T : unmanaged => Write(path, volume, DataType<T>());

    private static short DataType<T>() =>
        typeof(T) == typeof(byte) ? (short)2
        : typeof(T) == typeof(short) ? (short)4
        : typeof(T) == typeof(float) ? (short)16
        : throw new ArgumentException($"no NIfTI type for {typeof(T)}");

    /// <inheritdoc cref="Files.VolumeFile.Pack"/>
    public static byte[] Pack<T>(Volume<T> volume, bool isLabels)
        where T : unmanaged
    {
        using var file = new MemoryStream();
        using (var zip = new GZipStream(file, CompressionLevel.Optimal))
            WriteTo(zip, volume, DataType<T>(), isLabels);
        return file.ToArray();
    }

    private static void Write<T>(string path, Volume<T> volume, short dataType)
        where T : unmanaged
    {
        var size = volume.Grid.Size;
        if (Math.Max(size.X, Math.Max(size.Y, size.Z)) > short.MaxValue)
            throw new ProblemException(
                ExitCode.Data,
                path,
                $"{size} voxels exceed NIfTI-1's limit of 32767 per axis",
                "Crop or downsample the volume"
            );
        AtomicFile.Write(
            path,
            file =>
            {
                if (!path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
                    WriteTo(file, volume, dataType, typeof(T) == typeof(byte));
                else
                {
                    using var zip = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true);
                    WriteTo(zip, volume, dataType, typeof(T) == typeof(byte));
                }
            }
        );
    }

    private static void WriteTo<T>(Stream stream, Volume<T> volume, short dataType, bool isLabels)
        where T : unmanaged
    {
        stream.Write(Header(volume.Grid, dataType, Marshal.SizeOf<T>(), isLabels));
        volume.WriteVoxels(stream);
    }

    private static byte[] Header(Grid grid, short dataType, int bytesPerVoxel, bool isLabels)
    {
        var header = new byte[HeaderBytes];
        var (size, affine) = (grid.Size, grid.Affine);
        Int(0, 348);
        Short(40, 3);
        for (var axis = 0; axis < 7; axis++)
            Short(42 + 2 * axis, axis < 3 ? (short)size[axis] : (short)1);
        Short(68, isLabels ? LabelIntent : (short)0);
        Short(70, dataType);
        Short(72, (short)(8 * bytesPerVoxel));
        Float(108, HeaderBytes);
        Float(112, 1);
        var forms = grid.Forms?.At(affine) ?? OwnForms(affine);
        Float(76, forms.Handedness);
        for (var axis = 0; axis < 7; axis++)
            Float(80 + 4 * axis, axis < 3 ? forms.PixelSizes[axis] : 1);
        header[123] = forms.Units;
        Code(252, forms.QformCode);
        Code(254, forms.SformCode);
        for (var i = 0; i < 3; i++)
        {
            Float(256 + 4 * i, forms.Quaternion[i]);
            Float(268 + 4 * i, forms.Qform.Origin[i]);
        }
        double[][] rows = forms.Sform.ToRows();
        for (var row = 0; row < 3; row++)
        for (var column = 0; column < 4; column++)
            Float(280 + 16 * row + 4 * column, rows[row][column]);
        "n+1\0"u8.CopyTo(header.AsSpan(344));
        return header;

        void Short(int offset, short value) =>
            BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(offset), value);
        void Int(int offset, int value) =>
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(offset), value);
        void Float(int offset, double value) =>
            BinaryPrimitives.WriteSingleLittleEndian(header.AsSpan(offset), (float)value);
        // NIfTI-2 has wider codes, of which none are in use.
        void Code(int offset, int value) =>
            Short(offset, (short)Math.Clamp(value, 0, short.MaxValue));
    }

    private static NiftiForms OwnForms(Affine affine)
    {
        var (quaternion, spacing) = (NiftiQuaternion.Of(affine), affine.Spacing);
        var isSheared = affine.ShearDegrees > MostShearDegrees;
        return new(
            affine,
            isSheared ? 0 : ScannerSpace,
            ScannerSpace,
            MillimetersAndSeconds,
            quaternion.Handedness,
            new(spacing.X, spacing.Y, spacing.Z),
            isSheared ? default : new(quaternion.B, quaternion.C, quaternion.D),
            isSheared ? default : affine,
            affine
        );
    }
}
