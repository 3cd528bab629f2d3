namespace KneeSeg.Imaging.Formats.Dicom;

/// <summary>The DICOM files of a folder.</summary>
internal static class DicomFolder
{
    private const int MostNamed = 8;

    // Deep enough for patient, study and series below an export; a whole disk is not searched.
    private const int DeepestSeries = 4;
    private const int MostFolders = 2000;

    /// <summary>Whether a folder holds DICOM files other than segmentations, and volumes of no other format.</summary>
    public static bool IsIn(string folder)
    {
        var files = Files(folder);
        return files.Any(file => DicomStart.IsIn(file) && !IsSegmentation(file))
            && !files.Any(file => FileEnding.Of(file) is not null && !DicomStart.IsIn(file));
    }

    /// <summary>The images of a folder, by name.</summary>
    /// <exception cref="ProblemException">A file is not DICOM or damaged, or there is no image (exit 3).</exception>
    public static IReadOnlyList<DicomFile> Images(string folder)
    {
        var files = Files(folder);
        if (!files.Any(DicomStart.IsIn))
            throw Nothing(folder);
        DicomFile[] images = [.. files.Select(DicomFile.Read).Where(file => file.IsImage)];
        DicomFile[] slices = [.. images.Where(file => !file.IsSegmentation)];
        return slices is not [] ? slices
            : images is [] ? throw Nothing(folder)
            : throw Bad(
                folder,
                "it holds DICOM segmentations but no image",
                $"Pass the folder of the image; where labels are expected, pass the file {images[0].Path}"
            );
    }

    /// <summary>The problem of a study's folder, which holds folders of series; null where it holds none.</summary>
    public static ProblemException? StudyProblem(string folder)
    {
        string[] series = [.. FoldersBelow(folder).Where(IsIn)];
        if (series is [])
            return null;
        var named = series
            .Take(MostNamed)
            .Select(one => $"{Path.GetRelativePath(folder, one)} {Summary(one)}");
        var more = series.Length > MostNamed ? $" and {series.Length - MostNamed} more" : "";
        return Bad(
            folder,
            $"it holds no slices itself but {series.Length} {(series.Length == 1 ? "folder" : "folders")} of slices: {string.Join(", ", named)}{more}",
            $"Pass one series, such as {series[0]}"
        );
    }

    private static ProblemException Nothing(string folder) =>
        StudyProblem(folder)
        ?? Bad(
            folder,
            Directory.EnumerateFileSystemEntries(folder).Any()
                ? "it is a folder without DICOM images"
                : "it is an empty folder",
            "Pass a file in it, or the folder of one DICOM series"
        );

    private static string[] Files(string folder)
    {
        try
        {
            return
            [
                .. Directory
                    .GetFiles(folder)
                    .Where(file => !IsExtra(Path.GetFileName(file)))
                    .Order(StringComparer.Ordinal),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Bad(
                folder,
                $"it can't be opened ({e.Message.TrimEnd('.')})",
                "Check its permissions"
            );
        }
    }

    // A damaged file is reported when it is read.
    private static bool IsSegmentation(string file)
    {
        try
        {
            return DicomFile.Read(file).IsSegmentation;
        }
        catch (ProblemException)
        {
            return false;
        }
    }

    // Files that systems and exporters add. Any other file that is not DICOM may be a damaged slice.
    private static bool IsExtra(string name) =>
        name.StartsWith('.')
        || name.ToLowerInvariant() is "dicomdir" or "thumbs.db" or "desktop.ini"
        || Path.GetExtension(name).ToLowerInvariant() is ".json" or ".xml";

    private static IEnumerable<string> FoldersBelow(string folder) =>
        Directory
            .EnumerateDirectories(
                folder,
                "*",
                new EnumerationOptions
                {
                    RecurseSubdirectories = true,
                    MaxRecursionDepth = DeepestSeries,
                    IgnoreInaccessible = true,
                    AttributesToSkip = FileAttributes.Hidden | FileAttributes.ReparsePoint,
                }
            )
            .Take(MostFolders)
            .Order(StringComparer.Ordinal);

    private static string Summary(string folder)
    {
        string[] files = [.. Files(folder).Where(DicomStart.IsIn)];
        var images = files.Length == 1 ? "1 file" : $"{files.Length} files";
        try
        {
            return $"(\"{DicomFile.Read(files[0]).Description}\", {images})";
        }
        // Reported when the user passes it.
        catch (ProblemException)
        {
            return $"({images})";
        }
    }

    private static ProblemException Bad(string folder, string what, string fix) =>
        new(ExitCode.Data, folder, what, fix);
}
