using System.Globalization;

namespace KneeSeg.Imaging;

/// <summary>The files of one volume, checked to be one: one plane, one shape, even steps, whole pixels.</summary>
/// <param name="Images">In the order of the volume.</param>
/// <param name="Grid">
/// Where their headers place the voxels: columns, then rows from the last to the first, then slices along the normal
/// of their plane, which is the order in which converters write them.
/// </param>
internal sealed record DicomSeries(IReadOnlyList<DicomImage> Images, Grid Grid)
{
    // Scanners round positions to a micrometer or ten; a slice that is missing is far more.
    private const double UnevenShare = 0.05;

    // Directions are rounded too; a tilted gantry is degrees off.
    private const double MostTilt = 0.01;

    /// <summary>The files that they are in.</summary>
    public IReadOnlyList<DicomFile> Files => [.. Images.Select(image => image.File).Distinct()];

    /// <summary>Reads the headers of one volume.</summary>
    /// <param name="folder">The folder or file, named in problems.</param>
    /// <param name="files">Its images.</param>
    /// <param name="choice">Which one of several is wanted.</param>
    /// <exception cref="ProblemException">They are not one volume, or several of which none is chosen (exit 3).</exception>
    public static DicomSeries Read(
        string folder,
        IReadOnlyList<DicomFile> files,
        DicomChoice choice
    )
    {
        DicomSelection selection = new(folder, choice);
        DicomImage[] all = [.. selection.OneSeries(files).SelectMany(file => file.Images())];
        foreach (var image in all)
            CheckPlane(image, all[0]);
        DicomImage[] images = [.. selection.OneVolume(all).OrderBy(image => image.Depth)];
        CheckSteps(folder, images);
        DicomSeries series = new(images, GridOf(images));
        if (series.Files.Sum(file => file.Frames) > images.Length)
            throw new ProblemException(
                ExitCode.Data,
                folder,
                "the images that are chosen are in one file with others",
                "Convert it with dcm2niix by hand, and give one of the .nii files"
            );
        return series;
    }

    private static void CheckPlane(DicomImage image, DicomImage first)
    {
        if (!image.IsParallelTo(first))
            throw image.File.Bad(
                $"its plane or shape differs from that of {first.File.Name}",
                "Leave localizers and other planes out of the folder"
            );
        var apart = image.Position - first.Position;
        var depth = Point3.Dot(first.Normal, apart);
        var beside = (apart - depth * first.Normal).Length;
        var pixel = Math.Min(first.Across.Length, first.Down.Length);
        if (beside > pixel / 2 + MostTilt * Math.Abs(depth))
            throw image.File.Bad(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"it does not lie straight behind {first.File.Name}, but {beside:0.##} mm beside: the gantry was tilted, or there are several stacks of slices"
                ),
                "Put each stack into a folder of its own; resample tilted ones to straight ones first"
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
                        $"slices are {typical:0.###} mm apart, but {ordered[i].File.Name} and {ordered[i + 1].File.Name} {steps[i]:0.###} mm"
                    ),
                    steps[i] < typical / 2
                        ? "Take the slice out that is there twice"
                        : "Export the series again; slices are missing between the two"
                );
    }

    private static Grid GridOf(DicomImage[] ordered)
    {
        var (first, last) = (ordered[0], ordered[^1]);
        var step =
            ordered.Length > 1
                ? 1.0 / (ordered.Length - 1) * (last.Position - first.Position)
                : Thickness(first.Values) * first.Normal;
        return new(
            first.Size with
            {
                Z = ordered.Length,
            },
            Affine.FromColumns(
                first.Across,
                -1 * first.Down,
                step,
                first.Position + (first.Size.Y - 1) * first.Down
            )
        );
    }

    // Of a single slice, whose step nothing else says.
    private static double Thickness(DicomValues values) =>
        values.Numbers(DicomTag.SliceSpacing) is [> 0 and var spacing] ? spacing
        : values.Numbers(DicomTag.SliceThickness) is [> 0 and var thickness] ? thickness
        : 1;
}
