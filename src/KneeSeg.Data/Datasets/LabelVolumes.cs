using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;

namespace KneeSeg.Data.Datasets;

/// <summary>Label volumes without images.</summary>
public static class LabelVolumes
{
    // One subject in five is for validation, as of an nnU-Net dataset.
    private const int Parts = 5;

    /// <summary>Finds label volumes. Subjects are inferred from file names, and one in five is for validation.</summary>
    /// <param name="paths">Volumes, and folders of them.</param>
    /// <param name="profile">The name of their label map.</param>
    /// <returns>A dataset whose cases have labels only: their images are the label volumes themselves.</returns>
    /// <exception cref="ProblemException">
    /// There is no such label map, or two volumes have the same name (exit 2); a path does not exist or has no volumes (exit 3).
    /// </exception>
    public static Dataset Find(IReadOnlyList<string> paths, string profile)
    {
        var schema = LabelSchema.Named(profile);
        string[] files = [.. paths.SelectMany(In).Distinct()];
        if (files.GroupBy(CaseId.Of).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new ProblemException(
                ExitCode.Usage,
                string.Join(" and ", twice),
                $"they have the same name, {twice.Key}",
                "Rename one of them"
            );
        var parts = Subjects.Deal(files.Select(SubjectOf), Parts, seed: 0);
        return new(
            Path.GetFullPath(paths[0]),
            Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(paths[0]))),
            schema,
            FlipAugmentation.Knees,
            [
                .. files.Select(file => new DatasetCase(
                    CaseId.Of(file),
                    SubjectOf(file),
                    KneeSide.Unknown,
                    parts[SubjectOf(file)] == 0 && parts.Count > 1 ? Split.Validation : Split.Train,
                    file,
                    file,
                    null
                )),
            ]
        );
    }

    private static string SubjectOf(string file) => Subjects.Of(CaseId.Of(file));

    private static string[] In(string path)
    {
        string[] found =
            Directory.Exists(path) && !VolumeFile.IsFolder(path)
                ?
                [
                    .. Directory
                        .EnumerateFiles(path)
                        .Where(VolumeFile.MayHoldLabels)
                        .Order(StringComparer.Ordinal),
                ]
            : VolumeFile.Exists(path) ? [path]
            : [];
        return found is not []
            ? found
            : throw new ProblemException(
                ExitCode.Data,
                path,
                "there are no label volumes",
                "Pass label volumes, a folder of them, or a dataset"
            );
    }
}
