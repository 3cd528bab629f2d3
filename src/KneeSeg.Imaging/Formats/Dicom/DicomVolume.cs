using System.Globalization;

namespace KneeSeg.Imaging;

/// <summary>
/// The slices of one DICOM series. Where they are is read from their headers; <c>dcm2niix</c> decodes the voxels, which
/// are then put where the headers say, since it only warns of missing slices and places tilted ones wrongly.
/// </summary>
internal sealed class DicomVolume : StoredVolume
{
    private readonly DicomSeries series;

    private DicomVolume(DicomSeries series) => this.series = series;

    /// <summary>Opens the slices in a folder, or a file with several.</summary>
    /// <exception cref="ProblemException">It is no whole volume (exit 3).</exception>
    public static DicomVolume Open(VolumePath path)
    {
        var place = path.Place;
        var files = Directory.Exists(place) ? DicomFolder.Images(place) : [MultiFrame(place)];
        var series = DicomSeries.Read(place, files, DicomChoice.Parse(place, path.Choice));
        return new(series)
        {
            Path = $"{path}",
            Format = $"DICOM by {DicomConverter.Program}",
            Grid = series.Grid,
            DataType = series.Files[0].DataType,
            Warnings = series.Files.Any(file => file.IsLossy)
                ? ["its pixels were compressed with loss"]
                : [],
        };
    }

    /// <inheritdoc />
    public override Volume<float> ReadImage() => Read(converted => converted.ReadImage());

    /// <inheritdoc />
    public override Volume<byte> ReadLabels(Overlaps overlaps = Overlaps.Lowest) =>
        Read(converted => converted.ReadLabels(overlaps));

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
                $"Give the folder with all slices, {folder}"
            );
    }

    private Volume<T> Read<T>(Func<StoredVolume, Volume<T>> read)
        where T : unmanaged =>
        DicomConverter.Read(
            Path,
            series.Files,
            converted =>
            {
                var order = AxisOrder.Nearest(converted.Grid.Affine, Grid.Affine);
                CheckPlace(order.Apply(converted.Grid));
                var volume = read(converted);
                Warnings.AddRange(converted.Warnings);
                return (order == AxisOrder.Unchanged ? volume : order.Apply(volume)) with
                {
                    Grid = Grid,
                };
            }
        );

    private void CheckPlace(Grid converted)
    {
        if (converted.Size != Grid.Size)
            throw Contradiction($"makes {converted.Size} voxels of {Grid.Size}");
        var apart = Grid.FarthestCorner(converted.Affine);
        if (apart > Grid.Spacing.Smallest / 2)
            throw Contradiction(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"places voxels up to {apart:0.##} mm from where the slices say they are"
                )
            );
    }

    private ProblemException Contradiction(string what) =>
        new(
            ExitCode.Data,
            Path,
            $"{DicomConverter.Program} {what}",
            "Convert it by hand and compare"
        );
}
