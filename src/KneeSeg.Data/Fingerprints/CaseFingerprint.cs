using KneeSeg.Data.Datasets;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Morphology;

namespace KneeSeg.Data.Fingerprints;

/// <summary>What a plan needs to know of a case. Axes are depth, height and width, as in model orientation.</summary>
/// <param name="Id">The case.</param>
/// <param name="Subject">The person.</param>
/// <param name="Split">Its split.</param>
/// <param name="Size">Of the image, in voxels.</param>
/// <param name="Spacing">Of the image, in mm.</param>
/// <param name="Orientation">The axis codes of its file, such as LPS.</param>
/// <param name="Channels">The intensities of each channel; none of a test case, whose voxels are not read.</param>
/// <param name="Structures">The structures that its labels have; likewise.</param>
public sealed record CaseFingerprint(
    string Id,
    string Subject,
    Split Split,
    ModelSize Size,
    ModelSpacing Spacing,
    string Orientation,
    IReadOnlyList<IntensityFingerprint> Channels,
    IReadOnlyList<StructureFingerprint> Structures
)
{
    /// <summary>Of the header alone.</summary>
    internal static CaseFingerprint OfHeader(DatasetCase dataCase) =>
        Of(dataCase, VolumeFile.ReadGrid(dataCase.Image, dataCase.Spacing), [], []);

    /// <summary>Reads a case with labels.</summary>
    /// <exception cref="ProblemException">It can't be read, or its labels are not the profile's (exit 3).</exception>
    internal static CaseFingerprint Read(DatasetCase dataCase, LabelSchema profile)
    {
        var images = dataCase.ReadImages();
        var labels = dataCase.ReadLabels(images[0].Grid, profile);
        return Of(
            dataCase,
            images[0].Grid,
            [.. images.Select(image => IntensityFingerprint.Of(image.Voxels))],
            [
                .. profile
                    .Labels.Index()
                    .Skip(1)
                    .Where(label => dataCase.Groups?.Distinguish(label.Index) != false)
                    .Select(label =>
                        StructureFingerprint.Of(label.Item, (byte)label.Index, labels, images)
                    )
                    .OfType<StructureFingerprint>(),
            ]
        );
    }

    private static CaseFingerprint Of(
        DatasetCase dataCase,
        Grid grid,
        IReadOnlyList<IntensityFingerprint> channels,
        IReadOnlyList<StructureFingerprint> structures
    ) =>
        new(
            dataCase.Id,
            dataCase.Subject,
            dataCase.Split,
            ModelSize.Of(Imaging.Orientation.ModelGrid(grid)),
            Spacings.Of(grid),
            AxisOrder.Codes(grid.Affine),
            channels,
            structures
        );
}

/// <summary>The intensities of some voxels, as the file has them.</summary>
/// <param name="Low">Percentile 0.5.</param>
/// <param name="Median">The median.</param>
/// <param name="High">Percentile 99.5.</param>
public sealed record IntensityFingerprint(double Low, double Median, double High)
{
    internal static IntensityFingerprint Of(float[] voxels)
    {
        // A percentile of NaN is none.
        var finite = Array.TrueForAll(voxels, float.IsFinite)
            ? voxels
            : Array.FindAll(voxels, float.IsFinite);
        return finite is []
            ? new(0, 0, 0)
            : new(
                OrderStatistic.Percentile(finite, 0.5),
                OrderStatistic.Percentile(finite, 50),
                OrderStatistic.Percentile(finite, 99.5)
            );
    }
}

/// <summary>A structure of a case.</summary>
/// <param name="Name">Its name in the label map.</param>
/// <param name="Voxels">How many voxels it has.</param>
/// <param name="Extent">Of its bounding box, in voxels.</param>
/// <param name="Thickness">The median over its voxels of the shortest run of voxels along an axis, in mm.</param>
/// <param name="Across">
/// Along each axis, the median run in voxels of those voxels that are thinnest along it; null where fewer than a tenth are.
/// </param>
/// <param name="Channels">Its intensities in each channel.</param>
public sealed record StructureFingerprint(
    string Name,
    long Voxels,
    ModelSize Extent,
    double Thickness,
    IReadOnlyList<double?> Across,
    IReadOnlyList<IntensityFingerprint> Channels
)
{
    internal static StructureFingerprint? Of(
        string name,
        byte label,
        Volume<byte> labels,
        IReadOnlyList<Volume<float>> images
    )
    {
        var voxels = labels.Voxels.AsSpan().Count(label);
        if (voxels == 0)
            return null;
        var turned = Orientation.ToModel(labels);
        var box = VoxelBox.Around(turned, label).Size;
        var (thickness, across) = LocalThickness.Of(turned, label);
        return new(
            name,
            voxels,
            new(box.Z, box.Y, box.X),
            thickness,
            across,
            [
                .. images
                    .Where(image => image.Voxels.Length == labels.Voxels.Length)
                    .Select(image =>
                        IntensityFingerprint.Of([
                            .. image.Voxels.Where((_, i) => labels.Voxels[i] == label),
                        ])
                    ),
            ]
        );
    }
}
