using KneeSeg.Imaging;

namespace KneeSeg.Data.Datasets;

/// <summary>Images with labels, divided into training, validation and test by subject.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Name">Its display name.</param>
/// <param name="Profile">The label map.</param>
/// <param name="Mirror">Flip augmentation.</param>
/// <param name="Cases">In the manifest's order, or by name where there is no manifest.</param>
public sealed record Dataset(
    string Folder,
    string Name,
    LabelSchema Profile,
    FlipAugmentation Mirror,
    IReadOnlyList<DatasetCase> Cases
)
{
    /// <summary>The sources of its cases; none where all share its own label map.</summary>
    public IReadOnlyList<LabelSource> Sources { get; init; } = [];

    /// <summary>The datasets that it was made of; none if it is one of its own.</summary>
    internal IReadOnlyList<Dataset> Parts { get; init; } = [];

    /// <summary>What its labels are called where it is one of several sources; null for their own names.</summary>
    internal IReadOnlyList<string>? Renamed { get; init; }

    /// <summary>
    /// The names of its images' channels, in the order of <see cref="DatasetCase.Images"/>; empty for one without a name.
    /// </summary>
    public IReadOnlyList<string> Channels { get; init; } = [];

    /// <summary>Warnings about unsupported settings of its manifest.</summary>
    public IReadOnlyList<ValidationIssue> Warnings { get; init; } = [];

    /// <summary>The name of a dataset's manifest.</summary>
    internal const string ManifestName = "dataset.json";

    /// <summary>The cases of a split.</summary>
    public IEnumerable<DatasetCase> In(Split split) => Cases.Where(c => c.Split == split);
}
