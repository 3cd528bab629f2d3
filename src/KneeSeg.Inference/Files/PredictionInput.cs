using KneeSeg.Data.Datasets;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;

namespace KneeSeg.Inference.Files;

/// <summary>An image to predict.</summary>
/// <param name="Id">The case id, which names its prediction.</param>
/// <param name="Image">The image's path.</param>
/// <param name="Spacing">The spacing for formats that store none; else null.</param>
/// <param name="Profile">Its dataset's label map; null without a dataset.</param>
public sealed record PredictionInput(
    string Id,
    string Image,
    ModelSpacing? Spacing,
    LabelSchema? Profile
)
{
    /// <summary>The full path of its file or folder.</summary>
    internal string FullPath => Path.TrimEndingDirectorySeparator(Path.GetFullPath(Image));

    /// <summary>A case of a dataset.</summary>
    public static PredictionInput Of(DatasetCase one, Dataset dataset) =>
        new(one.Id, one.Image, one.Spacing, dataset.Profile);

    /// <summary>
    /// Resolves paths on the command line: an image; a dataset, for its test split; or a folder with images.
    /// </summary>
    /// <exception cref="ProblemException">
    /// A path does not exist or has nothing to predict (exit 3); two predictions would have the same name (exit 2).
    /// </exception>
    public static IReadOnlyList<PredictionInput> Find(IEnumerable<string> paths)
    {
        PredictionInput[] found =
        [
            .. paths.SelectMany(Of).DistinctBy(input => (input.Id, input.FullPath)),
        ];
        var twice = found.GroupBy(input => input.Id).FirstOrDefault(same => same.Count() > 1);
        return twice is null
            ? found
            : throw new ProblemException(
                ExitCode.Usage,
                string.Join(" and ", twice.Select(input => input.Image)),
                $"they have the same name; both predictions would be {twice.Key}",
                "Predict them into different folders, or rename one of them"
            );
    }

    private static IReadOnlyList<PredictionInput> Of(string path)
    {
        if (DatasetFolder.HasManifest(path))
            return TestSplit(path);
        if (!Directory.Exists(path))
            return VolumeFile.Exists(path)
                ? [Single(path)]
                : throw Nothing(path, "no such file or folder");
        if (VolumeFile.IsFolder(path))
            return [Single(path)];
        PredictionInput[] images =
        [
            .. Directory
                .EnumerateFiles(path)
                .Where(VolumeFile.MayHoldImage)
                .Order(StringComparer.Ordinal)
                .Select(Single),
        ];
        // The challenge's archive has its images in a folder for each split.
        return images is not [] ? images
            : VolumeFile.StudyProblem(path) is { } study ? throw study
            : DatasetFolder.Exists(path) ? TestSplit(path)
            : throw Nothing(path, "it contains neither an image nor a dataset");
    }

    private static PredictionInput Single(string path) => new(CaseId.Of(path), path, null, null);

    private static PredictionInput[] TestSplit(string path)
    {
        var dataset = DatasetFolder.Open(path);
        PredictionInput[] test = [.. dataset.In(Split.Test).Select(one => Of(one, dataset))];
        return test is [] ? throw Nothing(path, "it has no test cases") : test;
    }

    private static ProblemException Nothing(string path, string what) =>
        new(
            ExitCode.Data,
            path,
            what,
            "Pass an image, a folder with images or with the slices of a DICOM series, or a dataset with a test split"
        );
}
