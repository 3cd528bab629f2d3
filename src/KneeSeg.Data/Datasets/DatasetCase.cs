using KneeSeg.Imaging;

namespace KneeSeg.Data;

/// <summary>One image and its labels.</summary>
/// <param name="Id">Unique in its dataset; names predictions.</param>
/// <param name="Subject">The person, whose cases all belong to one split.</param>
/// <param name="Side">Which knee.</param>
/// <param name="Split">What the case is for.</param>
/// <param name="Image">The image's full path.</param>
/// <param name="Labels">The labels' full path, or null where none are known.</param>
/// <param name="Spacing">Of the voxels, for files that don't say; else null.</param>
public sealed record DatasetCase(
    string Id,
    string Subject,
    KneeSide Side,
    Split Split,
    string Image,
    string? Labels,
    ModelSpacing? Spacing
)
{
    /// <summary>Reads the image.</summary>
    /// <param name="warn">Receives every doubt, a sentence each.</param>
    /// <exception cref="ProblemException">It can't be read (exit 3).</exception>
    public Volume<float> ReadImage(Action<string>? warn = null) =>
        VolumeFile.ReadImage(Image, Spacing, warn);

    /// <summary>The spacing of the image's voxels in model orientation.</summary>
    /// <exception cref="ProblemException">The image can't be read (exit 3).</exception>
    public ModelSpacing ReadSpacing() => Spacings.Of(VolumeFile.ReadGrid(Image, Spacing));

    /// <summary>
    /// Reads the labels and checks that they are the profile's. Voxels that are not annotated become
    /// <see cref="LabelValue.Ignored"/>.
    /// </summary>
    /// <param name="profile">What the values mean.</param>
    /// <param name="warn">Receives every doubt, a sentence each.</param>
    /// <param name="overlaps">What is done where channels of one file overlap.</param>
    /// <exception cref="ProblemException">
    /// There are none, they can't be read, or a value is beyond the profile (exit 3).
    /// </exception>
    public Volume<byte> ReadLabels(
        LabelSchema profile,
        Action<string>? warn = null,
        OverlapRule overlaps = OverlapRule.Lowest
    )
    {
        var volume = VolumeFile.ReadLabels(LabelsPath, Spacing, warn, overlaps, profile.Labels);
        var unknown = volume.Voxels.Count(label => !profile.Allows(label));
        if (unknown > 0)
            throw UnknownLabel(
                profile,
                volume.Voxels.First(label => !profile.Allows(label)),
                unknown
            );
        LabelValue.MarkIgnored(volume.Voxels, profile.Ignore);
        return volume;
    }

    /// <summary>The same on the image's grid, turned where their axes run otherwise; see <see cref="PlacedLabels" />.</summary>
    /// <param name="image">The image's grid.</param>
    /// <param name="profile">What the values mean.</param>
    /// <param name="warn">Receives every doubt, a sentence each; that they were turned, too.</param>
    /// <param name="overlaps">What is done where channels of one file overlap.</param>
    /// <exception cref="ProblemException">Likewise, or they are on another lattice (exit 3).</exception>
    public Volume<byte> ReadLabels(
        Grid image,
        LabelSchema profile,
        Action<string>? warn = null,
        OverlapRule overlaps = OverlapRule.Lowest
    )
    {
        var placed = PlacedLabels.On(image, ReadLabels(profile, warn, overlaps));
        if (placed.Note is { } note)
            warn?.Invoke(note);
        return placed.Labels ?? throw placed.Problem(LabelsPath, Image)!;
    }

    /// <summary>The problem of voxels whose label the profile has not.</summary>
    /// <param name="profile">What the values mean.</param>
    /// <param name="label">The label, or the first of several.</param>
    /// <param name="voxels">How many there are.</param>
    internal ProblemException UnknownLabel(LabelSchema profile, byte label, long voxels) =>
        new(
            ExitCode.Data,
            LabelsPath,
            $"{voxels:N0} voxels have label {label}, but profile {profile.Name} ends at {profile.Classes - 1}",
            "Correct the labels, or name the profile they were made with in dataset.json"
                + (
                    profile.Ignore is null
                        ? $"; if they are not annotated, add \"ignore\": {label}"
                        : ""
                )
        );

    /// <summary>Where the labels are.</summary>
    /// <exception cref="ProblemException">None are known (exit 3).</exception>
    public string LabelsPath =>
        Labels
        ?? throw new ProblemException(
            ExitCode.Data,
            $"case {Id}",
            "has no labels",
            "Give labels, or leave the case to prediction"
        );

    /// <summary>The problem of labels of which nothing is left to learn from.</summary>
    /// <param name="prepared">Whether some were annotated before the volume was resampled and cropped.</param>
    internal ProblemException NothingAnnotated(bool prepared = false) =>
        prepared
            ? new(
                ExitCode.Data,
                LabelsPath,
                "no annotated voxel is left once it is resampled and cropped",
                "Choose --set spacing and --set crop so that annotated slices stay, or take the case out"
            )
            : new(
                ExitCode.Data,
                LabelsPath,
                "no voxel is annotated: all are ignored",
                "Annotate some, or take the case out"
            );
}
