using System.Collections.ObjectModel;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;

namespace KneeSeg.Data.Datasets;

/// <summary>One image, or one for each channel of its dataset, and their labels.</summary>
/// <param name="Id">Unique in its dataset; names predictions.</param>
/// <param name="Subject">The person, whose cases all belong to one split.</param>
/// <param name="Side">Which knee.</param>
/// <param name="Split">The case's split.</param>
/// <param name="Image">The full path of the image, or of the first channel's.</param>
/// <param name="Labels">The labels' full path, or null.</param>
/// <param name="Spacing">The spacing for formats that store none; else null.</param>
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
    /// <summary>Maps such as T2 that are measured within the labels: their full paths by name.</summary>
    public IReadOnlyDictionary<string, string> Maps { get; init; } =
        ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The images of further channels, by the dataset's order.</summary>
    public IReadOnlyList<string> OtherImages
    {
        get;
        // Equal cases have equal lists: one for none.
        init => field = value.Count == 0 ? [] : value;
    } = [];

    /// <summary>Whether all volumes of one file are its channels.</summary>
    internal bool IsOneFile { get; init; }

    /// <summary>The images of all channels.</summary>
    public IReadOnlyList<string> Images => [Image, .. OtherImages];

    /// <summary>How its labels are numbered and what they mean; null where the dataset's label map says so.</summary>
    public LabelSource? Source { get; init; }

    /// <summary>What its labels distinguish; null if every class.</summary>
    public LabelGroups? Groups => Source?.Groups is { AreSingle: false } groups ? groups : null;

    /// <summary>The label map of its own files.</summary>
    /// <param name="profile">The dataset's.</param>
    internal LabelSchema OwnProfile(LabelSchema profile) =>
        Source is { } source ? new(source.Name, source.Labels) { Ignore = source.Ignore } : profile;

    /// <summary>Reads the image, or the first channel's.</summary>
    /// <param name="warn">Receives warnings, one sentence each.</param>
    /// <exception cref="ProblemException">It can't be read (exit 3).</exception>
    public Volume<float> ReadImage(Action<string>? warn = null) =>
        VolumeFile.ReadImage(Image, Spacing, warn);

    /// <summary>Reads the images of all channels.</summary>
    /// <inheritdoc cref="ChannelImages.Read"/>
    public IReadOnlyList<Volume<float>> ReadImages(Action<string>? warn = null) =>
        ChannelImages.Read(Images, Spacing, warn);

    /// <summary>The spacing of the image's voxels in model orientation.</summary>
    /// <exception cref="ProblemException">The image can't be read (exit 3).</exception>
    public ModelSpacing ReadSpacing() => Spacings.Of(ReadGrid());

    /// <summary>The grid of the image, from its header.</summary>
    /// <exception cref="ProblemException">The image can't be read (exit 3).</exception>
    internal Grid ReadGrid() => VolumeFile.ReadGrid(Image, Spacing);

    /// <summary>
    /// Reads the labels and checks their values. Unannotated voxels become <see cref="LabelValue.Ignored"/>, and the values of
    /// a source the dataset's.
    /// </summary>
    /// <param name="profile">The label map.</param>
    /// <param name="warn">Receives warnings, one sentence each.</param>
    /// <param name="overlaps">How overlapping channels are resolved.</param>
    /// <exception cref="ProblemException">
    /// There are none, they can't be read, or a value is unknown (exit 3).
    /// </exception>
    public Volume<byte> ReadLabels(
        LabelSchema profile,
        Action<string>? warn = null,
        OverlapRule overlaps = OverlapRule.Lowest
    ) => ToClasses(ReadOwn(profile, warn, overlaps));

    private Volume<byte> ReadOwn(LabelSchema profile, Action<string>? warn, OverlapRule overlaps)
    {
        var own = OwnProfile(profile);
        var volume = VolumeFile.ReadLabels(LabelsPath, Spacing, warn, overlaps, own.Labels);
        var unknown = volume.Voxels.Count(label => !own.Allows(label));
        if (unknown > 0)
            throw UnknownLabel(own, volume.Voxels.First(label => !own.Allows(label)), unknown);
        LabelValue.MarkIgnored(volume.Voxels, own.Ignore);
        return volume;
    }

    /// <summary>Reads the labels on the image's grid, reoriented if needed; see <see cref="PlacedLabels" />.</summary>
    /// <param name="image">The image's grid.</param>
    /// <param name="profile">The label map.</param>
    /// <param name="warn">Receives warnings, one sentence each.</param>
    /// <param name="overlaps">How overlapping channels are resolved.</param>
    /// <exception cref="ProblemException">Likewise, or they are on another lattice (exit 3).</exception>
    public Volume<byte> ReadLabels(
        Grid image,
        LabelSchema profile,
        Action<string>? warn = null,
        OverlapRule overlaps = OverlapRule.Lowest
    ) => ToClasses(ReadOwnLabels(image, profile, warn, overlaps));

    /// <summary>The same, with the values of its own files.</summary>
    internal Volume<byte> ReadOwnLabels(
        Grid image,
        LabelSchema profile,
        Action<string>? warn,
        OverlapRule overlaps
    )
    {
        var placed = PlacedLabels.On(image, ReadOwn(profile, warn, overlaps));
        if (placed.Note is { } note)
            warn?.Invoke(note);
        return placed.Labels ?? throw placed.Problem(LabelsPath, Image)!;
    }

    /// <summary>Labels with the dataset's values instead of its source's; changed in place.</summary>
    internal Volume<byte> ToClasses(Volume<byte> own)
    {
        Source?.ToClasses(own.Voxels);
        return own;
    }

    /// <summary>The error for voxels with an unknown label.</summary>
    /// <param name="profile">The label map.</param>
    /// <param name="label">The label, or the first of several.</param>
    /// <param name="voxels">How many there are.</param>
    internal ProblemException UnknownLabel(LabelSchema profile, byte label, long voxels) =>
        new(
            ExitCode.Data,
            LabelsPath,
            $"{voxels:N0} voxels have label {label}, but the last label of profile {profile.Name} is {profile.Classes - 1}",
            "Correct the labels, or set the right profile in dataset.json"
                + (
                    profile.Ignore is null
                        ? $"; if these voxels are unannotated, add \"ignore\": {label}"
                        : ""
                )
        );

    /// <summary>The labels' path.</summary>
    /// <exception cref="ProblemException">There are none (exit 3).</exception>
    public string LabelsPath =>
        Labels
        ?? throw new ProblemException(
            ExitCode.Data,
            $"case {Id}",
            "has no labels",
            "Add labels, or use the case for prediction only"
        );

    /// <summary>The error for labels without an annotated voxel.</summary>
    /// <param name="prepared">Whether some were annotated before the volume was resampled and cropped.</param>
    internal ProblemException NothingAnnotated(bool prepared = false) =>
        prepared
            ? new(
                ExitCode.Data,
                LabelsPath,
                "no annotated voxel is left after resampling and cropping",
                "Choose --set spacing and --set centerCrop so that annotated slices are kept, or remove the case"
            )
            : new(
                ExitCode.Data,
                LabelsPath,
                "no voxel is annotated: all are ignored",
                "Annotate some, or remove the case"
            );
}

/// <summary>The split of a case. All cases of a subject belong to the same one.</summary>
public enum Split
{
    /// <summary>For fitting the weights.</summary>
    Train,

    /// <summary>For choosing the best weights.</summary>
    Validation,

    /// <summary>For the final evaluation only.</summary>
    Test,
}

/// <summary>Which of a subject's knees an image shows.</summary>
public enum KneeSide
{
    /// <summary>Unknown.</summary>
    Unknown,

    /// <summary>The left knee.</summary>
    Left,

    /// <summary>The right knee.</summary>
    Right,
}
