using KneeSeg.Imaging;

namespace KneeSeg.Data;

/// <summary>A case in memory, ready for patches to be cut.</summary>
public sealed class PreparedCase
{
    private PreparedCase(string id, PreparedImage image, byte[] labels, int[][] places)
    {
        (Id, Size, Grid) = (id, image.Size, image.Volume.Grid);
        (Image, Labels, Places) = (image.Volume.Voxels, labels, places);
        Replaced = image.Replaced;
        Darkest = Image.Min();
        Present =
        [
            .. Enumerable.Range(1, places.Length - 1).Where(label => places[label].Length > 0),
        ];
    }

    /// <summary>The case's id.</summary>
    public string Id { get; }

    /// <summary>How many voxels it has along each axis.</summary>
    public ModelSize Size { get; }

    /// <summary>Where they are.</summary>
    public Grid Grid { get; }

    /// <summary>How far apart they are.</summary>
    public ModelSpacing Spacing => new(Grid.Spacing.Z, Grid.Spacing.Y, Grid.Spacing.X);

    /// <summary>The prepared image, [D, H, W].</summary>
    public float[] Image { get; }

    /// <summary>The labels, [D, H, W].</summary>
    public byte[] Labels { get; }

    /// <summary>By label, the indices of all its voxels; none are kept for the background.</summary>
    public IReadOnlyList<int[]> Places { get; }

    /// <summary>The labels that occur, the background aside.</summary>
    public IReadOnlyList<int> Present { get; }

    /// <summary>The image's least value, which fills patches beyond its border.</summary>
    public float Darkest { get; }

    /// <summary>How many of the image's voxels were not finite.</summary>
    public long Replaced { get; }

    /// <summary>Reads and prepares a case.</summary>
    /// <param name="dataCase">One with labels.</param>
    /// <param name="profile">What the labels mean.</param>
    /// <param name="preparation">What is done to the image.</param>
    /// <exception cref="ProblemException">
    /// A file can't be read, the labels are on another grid, or they can't be the profile's (exit 3).
    /// </exception>
    public static PreparedCase Load(
        DatasetCase dataCase,
        LabelProfile profile,
        Preparation preparation
    )
    {
        var image = dataCase.ReadImage();
        var labels = dataCase.ReadLabels(profile, overlaps: preparation.Overlaps);
        var problem =
            dataCase.GridProblem(image.Grid, labels.Grid)
            ?? new LabelOrder(labels).Problem(dataCase.LabelsPath, profile, dataCase.Side);
        return problem is not null
            ? throw problem
            // The labels' header may be rounded otherwise than the image's: the image's counts.
            : From(
                dataCase.Id,
                preparation.Prepare(image),
                preparation.PrepareLabels(labels with { Grid = image.Grid }),
                profile.Classes
            );
    }

    /// <summary>The same, with all structures as label 1.</summary>
    public PreparedCase AsOneTissue() =>
        From(
            Id,
            new(new(Grid, Image), Replaced),
            new(Grid, Array.ConvertAll(Labels, label => Math.Min(label, (byte)1))),
            LabelProfile.OneTissue.Classes
        );

    /// <summary>A case of prepared volumes.</summary>
    /// <param name="id">Names it in errors.</param>
    /// <param name="image">The prepared image.</param>
    /// <param name="labels">On the same grid.</param>
    /// <param name="classes">How many labels there are, background included.</param>
    public static PreparedCase From(
        string id,
        PreparedImage image,
        Volume<byte> labels,
        int classes
    )
    {
        var counts = new int[classes];
        foreach (var label in labels.Voxels)
            counts[label]++;
        counts[0] = 0;
        var places = Array.ConvertAll(counts, count => new int[count]);
        counts.AsSpan().Clear();
        for (var i = 0; i < labels.Voxels.Length; i++)
            if (labels.Voxels[i] is var label and not 0)
                places[label][counts[label]++] = i;
        return new PreparedCase(id, image, labels.Voxels, places);
    }
}
