using KneeSeg.Imaging.Files;

namespace KneeSeg.Data.Datasets;

/// <summary>
/// A folder in the layout of the IWOAI 2019 challenge: <c>train_001_V00.im</c> beside <c>train_001_V00.seg</c>,
/// two visits (V00, V01) a subject, the split in the name. Side and spacing are not stored.
/// </summary>
internal static class IwoaiFolder
{
    public static bool IsOne(string folder) => Directory.Exists(folder) && Images(folder).Any();

    /// <exception cref="ProblemException">A name has no split (exit 3).</exception>
    public static Dataset Read(string folder) =>
        new(
            folder,
            Path.GetFileName(folder),
            LabelSchema.Find("iwoai")!,
            FlipAugmentation.Knees,
            [.. Images(folder).Order(StringComparer.Ordinal).Select(Case)]
        );

    // The challenge's archive has a folder for each split.
    private static IEnumerable<string> Images(string folder) =>
        Directory.EnumerateFiles(
            folder,
            "*.im",
            new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 }
        );

    private static DatasetCase Case(string image)
    {
        var id = CaseId.Of(image);
        var labels = Path.ChangeExtension(image, ".seg");
        var split = SplitOf(id) ?? throw NoSplit(image, id);
        // The challenge kept the test labels, so a test case may have none.
        return new DatasetCase(
            id,
            Subjects.Of(id),
            KneeSide.Unknown,
            split,
            image,
            split == Split.Test && !File.Exists(labels) ? null : labels,
            null
        );
    }

    private static Split? SplitOf(string id) =>
        id.StartsWith("train", StringComparison.OrdinalIgnoreCase) ? Split.Train
        : id.StartsWith("valid", StringComparison.OrdinalIgnoreCase) ? Split.Validation
        : id.StartsWith("test", StringComparison.OrdinalIgnoreCase) ? Split.Test
        : null;

    private static ProblemException NoSplit(string image, string id) =>
        new(
            ExitCode.Data,
            image,
            $"the name \"{id}\" does not begin with train, valid or test",
            $"Rename it, or write a {Dataset.ManifestName} that sets each case's split"
        );
}
