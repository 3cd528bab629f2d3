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
        var target = path.Place;
        var files = Directory.Exists(target) ? DicomFolder.Images(target) : [MultiFrame(target)];
        var series = DicomSeries.Read(target, files, DicomChoice.Parse(target, path.Choice));
        return new(series)
        {
            Path = $"{path}",
            Format = $"DICOM by {DicomConverter.Program}",
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

    private static DicomFile MultiFrame(string path)
    {
        var file = DicomFile.Read(path);
        var folder = System.IO.Path.GetDirectoryName(path) is { Length: > 0 } named ? named : ".";
        return file.Frames > 1
            ? file
            : throw file.Bad(
                file.IsImage
                    ? "it is one slice of a DICOM series"
                    : "it is a DICOM file without an image",
                $"Pass the folder with all slices, {folder}"
            );
    }

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
            $"{DicomConverter.Program} {what}",
            "Convert it by hand and check the result"
        );
}
