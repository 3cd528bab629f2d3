using System.Globalization;

namespace KneeSeg.Imaging;

/// <summary>
/// A folder with the slices of one DICOM series, turned into a volume by <c>dcm2niix</c> once its geometry was
/// checked here, since that only warns of missing slices.
/// </summary>
internal sealed class DicomVolume : StoredVolume
{
    private const string Converter = "dcm2niix";

    private readonly StoredVolume converted;
    private readonly Temporary folder;

    private DicomVolume(StoredVolume converted, Temporary folder) =>
        (this.converted, this.folder) = (converted, folder);

    /// <summary>Whether a folder's first file is DICOM.</summary>
    public static bool IsIn(string folder) =>
        Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).FirstOrDefault() is { } first
        && DicomElements.AreIn(first);

    /// <summary>Checks a folder and converts it.</summary>
    /// <exception cref="ProblemException">It is no whole volume (exit 3), or dcm2niix is missing or fails (exit 3).</exception>
    public static StoredVolume Open(string path)
    {
        var series = DicomSeries.Read(path);
        var folder = Temporary.Folder();
        try
        {
            var file = Convert(path, folder.Path);
            var converted = NiftiReader.Open(file);
            try
            {
                CheckShape(path, series, converted.Grid);
                return new DicomVolume(converted, folder)
                {
                    Path = path,
                    Format = $"DICOM by {Converter}",
                    Grid = converted.Grid,
                    DataType = converted.DataType,
                    Warnings = converted.Warnings,
                };
            }
            catch
            {
                converted.Dispose();
                throw;
            }
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public override Volume<float> ReadImage() => converted.ReadImage();

    /// <inheritdoc />
    public override Volume<byte> ReadLabels(Overlaps overlaps = Overlaps.Lowest) =>
        converted.ReadLabels(overlaps);

    /// <inheritdoc />
    public override void Dispose()
    {
        converted.Dispose();
        folder.Dispose();
    }

    private static string Convert(string path, string into)
    {
        using var process =
            ChildProcess.Start(Converter, ["-z", "n", "-b", "n", "-f", "volume", "-o", into, path])
            ?? throw new ProblemException(
                ExitCode.Data,
                path,
                $"it is a folder of DICOM slices, which are read through {Converter}, and that is not installed",
                $"Install it, for instance by \"apt install {Converter}\", or convert the series to NIfTI elsewhere"
            );
        var errors = process.Errors.ReadToEndAsync();
        var said = process.Output.ReadToEndAsync();
        var exit = process.WaitForExit();
        var files = Directory.GetFiles(into, "*.nii");
        if (exit == 0 && files is [var file])
            return file;
        var reason = (errors.Result + said.Result).Trim().Split('\n')[^1].Trim().TrimEnd('.');
        throw new ProblemException(
            ExitCode.Data,
            path,
            $"{Converter} makes {files.Length} volumes of it, not one ({reason})",
            "Convert it by hand and give the .nii"
        );
    }

    private static void CheckShape(string path, DicomSeries series, Grid grid)
    {
        var (first, size) = (series.Slices[0], grid.Size);
        var slices = series.Slices.Count == 1 ? first.Frames : series.Slices.Count;
        if (size != new Size3(first.Columns, first.Rows, slices))
            throw new ProblemException(
                ExitCode.Data,
                path,
                $"{Converter} makes {size} voxels of {slices} slices of {first.Columns}×{first.Rows}",
                "Convert it by hand and look at what is left out"
            );
        if (series.Step is { } step && Math.Abs(grid.Spacing.Z - step) > 0.01 * step)
            throw new ProblemException(
                ExitCode.Data,
                path,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Converter} puts slices {grid.Spacing.Z:0.###} mm apart that say they are {step:0.###} mm apart"
                ),
                "Convert it by hand and compare"
            );
    }
}
