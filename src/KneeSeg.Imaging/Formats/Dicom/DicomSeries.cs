using System.Globalization;

namespace KneeSeg.Imaging.Formats.Dicom;

/// <summary>The files of one volume, validated: one plane, one shape, even spacing, complete pixels.</summary>
/// <param name="Images">In the order of the volume.</param>
/// <param name="Grid">
/// The grid by the headers: columns, then rows from the last to the first, then slices along the plane's normal, which is
/// the order in which converters write them.
/// </param>
internal sealed record DicomSeries(IReadOnlyList<DicomImage> Images, Grid Grid)
{
    // Scanners round positions to 1 to 10 µm; a missing slice is far more.
    private const double UnevenShare = 0.05;

    // Directions are rounded too; a tilted gantry is degrees off.
    private const double MostTilt = 0.01;

    /// <summary>The files that they are in.</summary>
    public IReadOnlyList<DicomFile> Files => [.. Images.Select(image => image.File).Distinct()];

    /// <summary>Reads the headers of one volume in a folder, or in a file with several slices.</summary>
    /// <exception cref="ProblemException">It is not a complete volume (exit 3).</exception>
    public static DicomSeries Open(VolumePath path)
    {
        var target = path.Place;
        var files = Directory.Exists(target) ? DicomFolder.Images(target) : [MultiFrame(target)];
        return Read(target, files, DicomChoice.Parse(target, path.Choice));
    }

    /// <summary>The images of one series, of all echoes if none is selected.</summary>
    /// <exception cref="ProblemException">There are several series (exit 3).</exception>
    public static IReadOnlyList<DicomImage> WithEchoes(VolumePath path)
    {
        if (
            path.Choice.Contains("echo=", StringComparison.Ordinal) || !Directory.Exists(path.Place)
        )
            return Open(path).Images;
        DicomSelection selection = new(path.Place, DicomChoice.Parse(path.Place, path.Choice));
        return [.. selection.OneSeries(DicomFolder.Images(path.Place)).SelectMany(DicomImage.In)];
    }

    /// <summary>Reads the headers of one volume.</summary>
    /// <param name="folder">The folder or file, named in errors.</param>
    /// <param name="files">Its images.</param>
    /// <param name="choice">Which of several to read.</param>
    /// <exception cref="ProblemException">They are not one volume, or several of which none is selected (exit 3).</exception>
    public static DicomSeries Read(
        string folder,
        IReadOnlyList<DicomFile> files,
        DicomChoice choice
    )
    {
        DicomSelection selection = new(folder, choice);
        DicomImage[] all = [.. selection.OneSeries(files).SelectMany(DicomImage.In)];
        foreach (var image in all)
            CheckPlane(image, all[0]);
        DicomImage[] images = [.. selection.OneVolume(all).OrderBy(image => image.Depth)];
        CheckSteps(folder, images);
        DicomSeries series = new(images, GridOf(images[0], images[^1], images.Length));
        if (series.Files.Sum(file => file.Frames) > images.Length)
            throw new ProblemException(
                ExitCode.Data,
                folder,
                "the selected images share a file with others",
                "Convert it with dcm2niix by hand and pass one of the .nii files"
            );
        return series;
    }

    /// <summary>
    /// The grid of frames in any order, several of which may be at one position; positions between may be left out.
    /// </summary>
    /// <exception cref="ProblemException">They are not parallel, or not on one even stack (exit 3).</exception>
    public static Grid StackOf(IReadOnlyList<DicomImage> frames)
    {
        foreach (var frame in frames)
            CheckPlane(frame, frames[0]);
        DicomImage[] ordered = [.. frames.OrderBy(frame => frame.Depth)];
        double[] apart =
        [
            .. ordered
                .Zip(ordered.Skip(1), (a, b) => b.Depth - a.Depth)
                .Where(step => step > DicomSelection.SamePosition),
        ];
        if (apart is [])
            return GridOf(ordered[0], ordered[0], 1);
        // What is declared, where it is true; some programs write the thickness.
        double[] units = [.. frames[0].Values.Numbers(DicomTag.SliceSpacing), apart.Min()];
        foreach (var unit in units.Where(unit => unit > 0))
            if (apart.All(step => IsMultiple(step / unit)))
                return GridOf(
                    ordered[0],
                    ordered[^1],
                    1 + (int)apart.Sum(step => Math.Round(step / unit))
                );
        throw frames[0]
            .File.Bad(
                "its slices are not evenly spaced",
                "Save it as NIfTI, for example with 3D Slicer"
            );
    }

    private static bool IsMultiple(double steps) =>
        steps > 0.5 && Math.Abs(steps - Math.Round(steps)) <= UnevenShare;

    private static DicomFile MultiFrame(string path)
    {
        var file = DicomFile.Read(path);
        var folder = Path.GetDirectoryName(path) is { Length: > 0 } named ? named : ".";
        return file.Frames > 1
            ? file
            : throw file.Bad(
                file.IsImage
                    ? "it is one slice of a DICOM series"
                    : "it is a DICOM file without an image",
                $"Pass the folder with all slices, {folder}"
            );
    }

    private static void CheckPlane(DicomImage image, DicomImage first)
    {
        if (!image.IsParallelTo(first))
            throw image.File.Bad(
                $"its plane or shape differs from that of {first.File.Name}",
                "Remove localizers and other planes from the folder"
            );
        var apart = image.Position - first.Position;
        var depth = Point3.Dot(first.Normal, apart);
        var beside = (apart - depth * first.Normal).Length;
        var pixel = Math.Min(first.Across.Length, first.Down.Length);
        if (beside > pixel / 2 + MostTilt * Math.Abs(depth))
            throw image.File.Bad(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"it is shifted sideways by {beside:0.##} mm from {first.File.Name}: the gantry was tilted, or there are several stacks of slices"
                ),
                "Put each stack into its own folder; resample tilted ones first"
            );
    }

    private static void CheckSteps(string folder, DicomImage[] ordered)
    {
        var steps = ordered.Zip(ordered.Skip(1), (a, b) => b.Depth - a.Depth).ToArray();
        double[] apart = [.. steps.Where(step => step > DicomSelection.SamePosition).Order()];
        if (apart is [])
            return;
        var typical = apart[(apart.Length - 1) / 2];
        for (var i = 0; i < steps.Length; i++)
            if (Math.Abs(steps[i] - typical) > UnevenShare * typical)
                throw new ProblemException(
                    ExitCode.Data,
                    folder,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"slices are {typical:0.###} mm apart, but {ordered[i].File.Name} and {ordered[i + 1].File.Name} are {steps[i]:0.###} mm apart"
                    ),
                    steps[i] < typical / 2
                        ? "Remove the duplicate slice"
                        : "Export the series again; slices are missing between these two"
                );
    }

    private static Grid GridOf(DicomImage first, DicomImage last, int slices)
    {
        var step =
            slices > 1
                ? 1.0 / (slices - 1) * (last.Position - first.Position)
                : Thickness(first.Values) * first.Normal;
        return new(
            first.Size with
            {
                Z = slices,
            },
            Affine.FromColumns(
                first.Across,
                -1 * first.Down,
                step,
                first.Position + (first.Size.Y - 1) * first.Down
            )
        );
    }

    // For a single slice, which has no neighbor.
    private static double Thickness(DicomValues values) =>
        values.Numbers(DicomTag.SliceSpacing) is [> 0 and var spacing] ? spacing
        : values.Numbers(DicomTag.SliceThickness) is [> 0 and var thickness] ? thickness
        : 1;
}
