using System.Buffers.Binary;
using System.Globalization;

namespace KneeSeg.Imaging.Formats.Dicom;

/// <summary>
/// The slices of one DICOM series. Positions come from their headers; <c>dcm2niix</c> decodes the voxels and is checked
/// against headers and pixels, since it only warns of missing slices, misplaces tilted ones, and sorts some vendors' frames
/// by numbers that contradict their positions.
/// </summary>
internal sealed class DicomVolume : StoredVolume
{
    private readonly DicomSeries series;

    private DicomVolume(DicomSeries series) => this.series = series;

    /// <summary>Opens the slices in a folder, or a file with several.</summary>
    /// <exception cref="ProblemException">It is not a complete volume (exit 3).</exception>
    public static DicomVolume Open(VolumePath path)
    {
        var series = DicomSeries.Open(path);
        return new(series)
        {
            Path = $"{path}",
            Format = $"DICOM by {DicomSyntax.Converter}",
            Grid = series.Grid,
            DataType = series.Files[0].DataType,
            Warnings = series.Files.Any(file => file.IsLossy)
                ? ["its pixels were lossily compressed"]
                : [],
        };
    }

    /// <inheritdoc />
    public override Volume<float> ReadImage()
    {
        var converted = DicomConverter.Read(Path, series.Files, Warnings);
        var order = AxisOrder.Nearest(converted.Grid.Affine, Grid.Affine);
        var volume = order == AxisOrder.Unchanged ? converted : order.Apply(converted);
        CheckGrid(volume.Grid);
        var each = (int)series.Images[0].Size.Count;
        for (var i = 0; i < series.Images.Count; i++)
            if (!DicomPixels.Agree(series.Images[i], volume.Voxels.AsSpan(i * each, each)))
                throw Contradiction(
                    $"decodes {series.Images[i].File.Name} to other voxels than it has"
                );
        return volume with { Grid = Grid };
    }

    /// <inheritdoc />
    public override Volume<byte> ReadLabels(OverlapRule overlaps = OverlapRule.Lowest)
    {
        var image = ReadImage();
        var voxels = VoxelMemory.Allocate<byte>(Path, Grid.Size.Count);
        var labels = new LabelReading(Path);
        labels.Take(image.Voxels, voxels);
        labels.Check();
        return new(Grid, voxels);
    }

    /// <inheritdoc />
    public override void Dispose() { }

    private void CheckGrid(Grid converted)
    {
        if (converted.Size != Grid.Size)
            throw Contradiction($"converts {Grid.Size} voxels to {converted.Size}");
        var apart = Grid.FarthestCorner(converted.Affine);
        if (apart > Grid.Spacing.Smallest / 2)
            throw Contradiction(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"places voxels up to {apart:0.##} mm from their positions in the slices"
                )
            );
    }

    private ProblemException Contradiction(string what) =>
        new(
            ExitCode.Data,
            Path,
            $"{DicomSyntax.Converter} {what}",
            "Convert it by hand and check the result"
        );
}

/// <summary>Compares converted voxels with the pixels of a file, if those are uncompressed numbers of 8 or 16 bits.</summary>
internal static class DicomPixels
{
    // Of the range of a slice; float32 and slopes written in decimals round by less.
    private const double Rounding = 1e-3;

    /// <summary>Whether a slice has the pixels of an image up to one factor and one offset.</summary>
    /// <param name="image">The image.</param>
    /// <param name="slice">Its voxels, the last row first.</param>
    /// <returns>Also true if the pixels can't be read directly.</returns>
    public static bool Agree(DicomImage image, ReadOnlySpan<float> slice)
    {
        if (Read(image) is not { } pixels)
            return true;
        var columns = image.Size.X;
        var (low, high) = (0, 0);
        for (var i = 0; i < pixels.Length; i++)
            (low, high) = (pixels[i] < pixels[low] ? i : low, pixels[i] > pixels[high] ? i : high);
        int At(int pixel) => (image.Size.Y - 1 - pixel / columns) * columns + pixel % columns;
        var (least, range) = (slice[At(low)], slice[At(high)] - slice[At(low)]);
        var contrast = pixels[high] - pixels[low];
        if (contrast != 0 && range == 0)
            return false;
        var factor = contrast == 0 ? 0 : (double)range / contrast;
        var tolerance = Rounding * Math.Max(Math.Abs(range), Math.Abs(least) * 1e-3);
        for (var i = 0; i < pixels.Length; i++)
            if (!(Math.Abs(least + factor * (pixels[i] - pixels[low]) - slice[At(i)]) <= tolerance))
                return false;
        return true;
    }

    private static int[]? Read(DicomImage image)
    {
        var (elements, values) = (image.File.Elements, image.File.Elements.Values);
        var bits = (int)(values.Binary(DicomTag.Bits) ?? 16);
        var stored = (int)(values.Binary(DicomTag.StoredBits) ?? bits);
        var isPlain =
            image.File.Compression is null
            && (bits == 16 || bits == 8 && !elements.IsBigEndian)
            && stored > 0
            && stored <= bits
            && (values.Binary(DicomTag.HighBit) ?? stored - 1) == stored - 1;
        if (!isPlain)
            return null;
        var bytes = new byte[image.Size.Count * bits / 8];
        using var stream = InputFile.Open(image.File.Path);
        stream.Position = elements.PixelStart + (long)image.Frame * bytes.Length;
        if (InputFile.ReadUpTo(image.File.Path, stream, bytes) < bytes.Length)
            return null;
        // Unused high bits may hold an overlay.
        var (unused, isSigned) = (32 - stored, values.Binary(DicomTag.Signed) == 1);
        var pixels = new int[image.Size.Count];
        for (var i = 0; i < pixels.Length; i++)
        {
            var raw =
                bits == 8 ? bytes[i]
                : elements.IsBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(2 * i))
                : BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(2 * i));
            pixels[i] = isSigned ? raw << unused >> unused : (int)((uint)raw << unused >> unused);
        }
        return pixels;
    }
}
