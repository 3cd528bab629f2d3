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
    /// <summary>Warnings about unsupported settings of its manifest.</summary>
    public IReadOnlyList<ValidationIssue> Warnings { get; init; } = [];

    /// <summary>The name of a dataset's manifest.</summary>
    public const string ManifestName = "dataset.json";

    /// <summary>
    /// Opens a folder with a <c>dataset.json</c>, ours or nnU-Net's, such a file itself, or a folder of the IWOAI
    /// challenge's <c>.im</c> and <c>.seg</c> files.
    /// </summary>
    /// <param name="path">The folder or the manifest.</param>
    /// <exception cref="ProblemException">
    /// It is none of these, its manifest is invalid, a file is missing, or a subject is in two splits
    /// (exit 3).
    /// </exception>
    public static Dataset Open(string path)
    {
        var (dataset, faults) = OpenWithFaults(path);
        return faults is [var first, ..] ? throw first : dataset;
    }

    /// <summary>The cases of a split.</summary>
    public IEnumerable<DatasetCase> In(Split split) => Cases.Where(c => c.Split == split);

    /// <summary>Whether a folder holds a dataset.</summary>
    public static bool IsIn(string folder) =>
        File.Exists(Path.Combine(folder, ManifestName)) || IwoaiFolder.IsOne(folder);

    /// <summary>Opens a dataset whose cases may have faults, and lists them all.</summary>
    /// <exception cref="ProblemException">Its cases can't be determined (exit 3).</exception>
    internal static (Dataset Dataset, IReadOnlyList<ProblemException> Faults) OpenWithFaults(
        string path
    )
    {
        var full = Path.GetFullPath(path);
        var manifest = Directory.Exists(full) ? Path.Combine(full, ManifestName) : full;
        var dataset =
            File.Exists(manifest) ? ManifestReader.Read(manifest)
            : IwoaiFolder.IsOne(full) ? IwoaiFolder.Read(full)
            : throw NoDataset(path, Directory.Exists(full));
        return (dataset, CaseRules.Faults(dataset));
    }

    private static ProblemException NoDataset(string path, bool folder) =>
        new(
            ExitCode.Data,
            path,
            folder ? $"it contains neither {ManifestName} nor .im files" : "no such file or folder",
            $"Pass a folder with a {ManifestName} or with IWOAI .im and .seg files"
        );
}
