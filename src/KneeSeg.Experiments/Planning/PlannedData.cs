using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Fingerprints;
using KneeSeg.Imaging;

namespace KneeSeg.Experiments.Planning;

/// <summary>What plans read off a fingerprint. Lengths are along depth, height and width.</summary>
internal sealed class PlannedData
{
    private readonly CaseFingerprint[] train;

    public PlannedData(DatasetFingerprint fingerprint)
    {
        Fingerprint = fingerprint;
        train = [.. fingerprint.In(Split.Train)];
        MedianSpacing = Along(axis => Median(train.Select(one => Mm(one)[axis])));
        FineSpacing = Along(axis =>
            train.Select(one => Mm(one)[axis]).Order().ElementAt((train.Length - 1) / 10)
        );
        MedianExtent = Along(axis =>
            Median(train.Select(one => one.Size.Lengths[axis] * Mm(one)[axis]))
        );
        Thinnest = [ThinnestAlong(0), ThinnestAlong(1), ThinnestAlong(2)];
    }

    /// <summary>The fingerprint.</summary>
    public DatasetFingerprint Fingerprint { get; }

    /// <summary>How many training cases there are.</summary>
    public int TrainingCases => train.Length;

    /// <summary>How many validation cases there are.</summary>
    public int ValidationCases => Fingerprint.In(Split.Validation).Count();

    /// <summary>Channels of an image.</summary>
    public int Channels => Math.Max(1, Fingerprint.Channels.Count);

    /// <summary>Labels, the background included.</summary>
    public int Classes => Fingerprint.Labels.Count;

    /// <summary>The median spacing of the training images in mm.</summary>
    public double[] MedianSpacing { get; }

    /// <summary>The spacing of the finest tenth.</summary>
    public double[] FineSpacing { get; }

    /// <summary>The median extent of the training images in mm.</summary>
    public double[] MedianExtent { get; }

    /// <summary>The image with most voxels, test cases included.</summary>
    public CaseFingerprint Largest => Fingerprint.Cases.MaxBy(one => one.Size.Count)!;

    /// <summary>
    /// The thinnest structure along each axis, in mm, of those that are thin along it; null where none is.
    /// </summary>
    public IReadOnlyList<ThinStructure?> Thinnest { get; }

    /// <summary>The voxels of a volume at a spacing.</summary>
    public static int[] Voxels(double[] extent, double[] spacing) =>
        [.. extent.Zip(spacing, (mm, voxel) => Math.Max(1, (int)Math.Round(mm / voxel)))];

    /// <summary>The middle of some values.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private ThinStructure? ThinnestAlong(int axis) =>
        train
            .SelectMany(one =>
                one.Structures.Where(structure => structure.Across[axis] is not null)
                    .Select(structure =>
                        (structure.Name, Mm: structure.Across[axis]!.Value * Mm(one)[axis])
                    )
            )
            .GroupBy(one => one.Name)
            .Select(one => new ThinStructure(one.Key, Median(one.Select(each => each.Mm))))
            .MinBy(one => one.Millimeters);

    private static double[] Along(Func<int, double> of) => [of(0), of(1), of(2)];

    private static double[] Mm(CaseFingerprint one) =>
        [one.Spacing.Depth, one.Spacing.Height, one.Spacing.Width];
}

/// <summary>A structure that is thin along an axis.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Millimeters">The median over cases of its thickness there.</param>
internal sealed record ThinStructure(string Name, double Millimeters);
