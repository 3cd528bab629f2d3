using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;

namespace KneeSeg.Data.Datasets;

/// <summary>
/// Opens datasets: a folder with a <c>dataset.json</c>, ours or nnU-Net's, such a file itself, or a folder of the IWOAI
/// challenge's <c>.im</c> and <c>.seg</c> files.
/// </summary>
public static class DatasetFolder
{
    /// <summary>Opens a dataset, or several as one.</summary>
    /// <param name="paths">The folder or the manifest of each.</param>
    /// <exception cref="ProblemException">
    /// It is not a dataset, its manifest is invalid, a file is missing, a subject is in two splits, or the labels of several
    /// datasets contradict each other (exit 3).
    /// </exception>
    public static Dataset Open(params IReadOnlyList<string> paths)
    {
        var (dataset, faults) = OpenWithFaults(paths);
        return faults is [var first, ..] ? throw first : dataset;
    }

    /// <summary>Whether a path is a dataset: a manifest, or a folder with one or with IWOAI files.</summary>
    public static bool Exists(string path) => HasManifest(path) || IwoaiFolder.IsOne(path);

    /// <summary>Whether a path is a manifest, or a folder with one.</summary>
    public static bool HasManifest(string path) =>
        Path.GetFileName(path) == Dataset.ManifestName
        || File.Exists(Path.Combine(path, Dataset.ManifestName));

    /// <summary>Opens datasets whose cases may have faults, and lists them all.</summary>
    /// <exception cref="ProblemException">The cases can't be determined (exit 3).</exception>
    internal static (Dataset Dataset, IReadOnlyList<ProblemException> Faults) OpenWithFaults(
        IReadOnlyList<string> paths
    )
    {
        Dataset[] each = [.. paths.Select(path => Read(path))];
        var dataset = each is [{ Parts: not [] } united]
            ? united
            : DatasetUnion.Of(
                each[0].Folder,
                string.Join(" + ", each.Select(one => one.Name).Distinct()),
                [.. each.SelectMany(one => one.Parts is [] ? [one] : one.Parts)]
            );
        return (dataset, CaseRules.Faults(dataset));
    }

    /// <summary>Reads a dataset without checking its files.</summary>
    /// <exception cref="ProblemException">It is not a dataset, or its manifest is invalid (exit 3).</exception>
    internal static Dataset Read(string path, bool mayHaveSources = true)
    {
        var full = Path.GetFullPath(path);
        var manifest = Directory.Exists(full) ? Path.Combine(full, Dataset.ManifestName) : full;
        return File.Exists(manifest) ? ManifestReader.Read(manifest, mayHaveSources)
            : IwoaiFolder.IsOne(full) ? IwoaiFolder.Read(full)
            : throw NoDataset(path, Directory.Exists(full));
    }

    private static ProblemException NoDataset(string path, bool folder) =>
        new(
            ExitCode.Data,
            path,
            folder
                ? $"it contains neither {Dataset.ManifestName} nor .im files"
                : "no such file or folder",
            $"Pass a folder with a {Dataset.ManifestName} or with IWOAI .im and .seg files"
        );
}

/// <summary>Rules that are checked before any volume is read.</summary>
internal static class CaseRules
{
    public static IReadOnlyList<ProblemException> Faults(Dataset dataset) =>
        [.. RepeatedIds(dataset), .. Files(dataset), .. DividedSubjects(dataset)];

    private static IEnumerable<ProblemException> RepeatedIds(Dataset dataset) =>
        from cases in dataset.Cases.GroupBy(c => c.Id)
        where cases.Count() > 1
        select new ProblemException(
            ExitCode.Data,
            $"case {cases.Key}",
            $"{cases.Count()} cases have this id",
            "Give each case a unique id: predictions are named by it"
        );

    private static IEnumerable<ProblemException> Files(Dataset dataset)
    {
        foreach (var dataCase in dataset.Cases)
        {
            foreach (var image in dataCase.Images.Where(image => !VolumeFile.Exists(image)))
                yield return Missing(dataCase, "image", image);
            if (OtherVolumes(dataCase) is { } fault)
                yield return fault;
            if (dataCase.Labels is { } labels && !VolumeFile.Exists(labels))
                yield return Missing(dataCase, "labels", labels);
            if (dataCase is { Labels: null, Split: not Split.Test })
                yield return new ProblemException(
                    ExitCode.Data,
                    $"case {dataCase.Id}",
                    "has no labels but is in the training or validation split",
                    "Add its labels, or move it to the test split"
                );
        }
    }

    private static ProblemException? OtherVolumes(DatasetCase dataCase)
    {
        var file = VolumePath.Of(dataCase.Image).Place;
        if (!dataCase.IsOneFile || !File.Exists(file))
            return null;
        var volumes = CountVolumes(file);
        return volumes is null || volumes == dataCase.Images.Count
            ? null
            : new(
                ExitCode.Data,
                $"case {dataCase.Id}",
                $"its image {file} holds {volumes} volume{(volumes == 1 ? "" : "s")}, but the dataset has {dataCase.Images.Count} channels",
                "Save one volume for each channel, in their order, or list the file of each as \"images\""
            );
    }

    // Null where the header can't be read, which is reported when the voxels are.
    private static int? CountVolumes(string file)
    {
        try
        {
            return VolumeFile.CountVolumes(file);
        }
        catch (ProblemException)
        {
            return null;
        }
    }

    private static ProblemException Missing(DatasetCase dataCase, string what, string path) =>
        new(
            ExitCode.Data,
            $"case {dataCase.Id}",
            $"its {what} file {path} is missing",
            "Restore the file, or remove the case"
        );

    private static IEnumerable<ProblemException> DividedSubjects(Dataset dataset) =>
        from cases in dataset.Cases.GroupBy(c => c.Subject)
        let other = cases.FirstOrDefault(c => c.Split != cases.First().Split)
        where other is not null
        select new ProblemException(
            ExitCode.Data,
            $"subject {cases.Key}",
            $"is in two splits: case {cases.First().Id} in {Name(cases.First().Split)}, case {other.Id} in {Name(other.Split)}",
            "Put all cases of a subject into one split to avoid inflated scores"
        );

    private static string Name(Split split) => split.ToString().ToLowerInvariant();
}
