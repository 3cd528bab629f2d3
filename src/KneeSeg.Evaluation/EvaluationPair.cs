using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;

namespace KneeSeg.Evaluation;

/// <summary>The reference and predicted label files of a case.</summary>
/// <param name="Id">The case.</param>
/// <param name="Reference">The reference label file.</param>
/// <param name="Prediction">The predicted label file.</param>
/// <param name="Spacing">The spacing for formats that store none.</param>
/// <param name="Binarized">Whether all labels of the reference count as label 1.</param>
/// <param name="Ignore">The ignore label of the reference; null if every voxel is annotated.</param>
public sealed record EvaluationPair(
    string Id,
    string Reference,
    string Prediction,
    ModelSpacing? Spacing = null,
    bool Binarized = false,
    byte? Ignore = null
)
{
    /// <summary>How the reference is numbered and what it means; null where the labels' own order says so.</summary>
    public LabelSource? Source { get; init; }

    /// <summary>How the prediction is numbered; null where the labels' own order says so.</summary>
    public LabelSource? Predicted { get; init; }

    /// <summary>
    /// Reads both files, the prediction reoriented to the reference's grid; see <see cref="PlacedLabels" />. A prediction on
    /// another lattice is returned as is.
    /// </summary>
    /// <param name="labels">The label names, for files that name their segments.</param>
    /// <param name="warnings">Receives warnings about either file.</param>
    /// <exception cref="ProblemException">A file can't be read (exit 3).</exception>
    public (Volume<byte> Reference, Volume<byte> Prediction) Read(
        IReadOnlyList<string> labels,
        FileWarnings warnings
    )
    {
        var warn = warnings.About(Prediction);
        var found = ReadPrediction(labels, warn);
        var known = PlacedLabels.Including(
            ReadReference(labels, warnings.About(Reference)),
            found.Grid
        );
        var placed = PlacedLabels.On(known.Grid, found);
        if (placed.Note is { } note)
            warn(note);
        return (known, placed.Labels ?? found);
    }

    /// <summary>Reads the reference; unannotated voxels become <see cref="LabelValue.Ignored"/>.</summary>
    /// <param name="labels">The label names, for a file that names its segments.</param>
    /// <param name="warn">Receives warnings, one sentence each.</param>
    /// <exception cref="ProblemException">The file can't be read, or has an invalid label (exit 3).</exception>
    public Volume<byte> ReadReference(
        IReadOnlyList<string>? labels = null,
        Action<string>? warn = null
    )
    {
        var volume = VolumeFile.ReadLabels(
            Reference,
            Spacing,
            warn,
            names: Binarized ? null : Source?.Labels ?? labels
        );
        if (Ignore != LabelValue.Ignored && volume.Voxels.Contains(LabelValue.Ignored))
            throw new ProblemException(
                ExitCode.Data,
                Reference,
                $"{volume.Voxels.AsSpan().Count(LabelValue.Ignored):N0} voxels have label {LabelValue.Ignored}, which is not a structure",
                $"Correct the labels; if these voxels are unannotated, evaluate against a dataset whose dataset.json has \"ignore\": {LabelValue.Ignored}"
            );
        LabelValue.MarkIgnored(volume.Voxels, Ignore);
        if (Source is { } source)
        {
            CheckForeground(source);
            ToClasses(source, Reference, volume);
        }
        return Binarized ? volume with { Voxels = LabelValue.Binarized(volume.Voxels) } : volume;
    }

    private void CheckForeground(LabelSource source)
    {
        if (Binarized && source.IsPartial)
            throw new ProblemException(
                ExitCode.Data,
                Reference,
                $"source {source.Name} does not label every structure, so its background may be foreground",
                "Evaluate a network with one foreground class on references that label every structure"
            );
    }

    private static void ToClasses(LabelSource source, string file, Volume<byte> volume)
    {
        // 0, which every source has, if there is none.
        var unknown = Array.Find(
            volume.Voxels,
            label => label >= source.Labels.Count && label != LabelValue.Ignored
        );
        if (unknown > 0)
            throw new ProblemException(
                ExitCode.Data,
                file,
                $"it has label {unknown}, but the last label of source {source.Name} is {source.Labels.Count - 1}",
                "Correct the labels"
            );
        source.ToClasses(volume.Voxels);
    }

    /// <summary>Reads the prediction.</summary>
    /// <param name="labels">The label names, for a file that names its segments.</param>
    /// <param name="warn">Receives warnings, one sentence each.</param>
    /// <exception cref="ProblemException">The file can't be read (exit 3).</exception>
    public Volume<byte> ReadPrediction(
        IReadOnlyList<string>? labels = null,
        Action<string>? warn = null
    )
    {
        var volume = VolumeFile.ReadLabels(
            Prediction,
            Spacing,
            warn,
            names: Predicted?.Labels ?? labels
        );
        if (Predicted is { } source)
            ToClasses(source, Prediction, volume);
        return volume;
    }

    /// <summary>Pairs two files, or two folders by file names without extensions.</summary>
    /// <param name="predictions">A label file, or a folder of them.</param>
    /// <param name="references">The same kind of thing.</param>
    /// <exception cref="ProblemException">One is missing, or no file has a counterpart (exit 3).</exception>
    public static IReadOnlyList<EvaluationPair> Match(string predictions, string references)
    {
        if (!IsFolderOfFiles(predictions) && !IsFolderOfFiles(references))
            return [new(CaseId.Of(references), references, predictions)];
        var known = FilesById(references);
        var found = FilesById(predictions);
        CheckAny(predictions, known.Keys, found.Keys);
        return
        [
            .. known
                .Keys.Union(found.Keys)
                .Order(StringComparer.Ordinal)
                .Select(id => new EvaluationPair(
                    id,
                    known.GetValueOrDefault(id) ?? Missing(known, id),
                    found.GetValueOrDefault(id) ?? Missing(found, id)
                )),
        ];
    }

    /// <summary>Pairs the cases of a dataset with the files of a folder, which may hold others too.</summary>
    /// <param name="predictions">A folder of files named by case.</param>
    /// <param name="cases">Each case's id, its label file, and the spacing for formats that store none.</param>
    /// <exception cref="ProblemException">The folder or all files of the cases are missing (exit 3).</exception>
    public static IReadOnlyList<EvaluationPair> Match(
        string predictions,
        IReadOnlyList<(string Id, string Reference, ModelSpacing? Spacing)> cases
    )
    {
        var found = FilesById(predictions);
        CheckAny(predictions, cases.Select(c => CaseId.OfName(c.Id)), found.Keys);
        return
        [
            .. cases.Select(c => new EvaluationPair(
                c.Id,
                c.Reference,
                found.GetValueOrDefault(CaseId.OfName(c.Id)) ?? Missing(found, c.Id),
                c.Spacing
            )),
        ];
    }

    private static bool IsFolderOfFiles(string path) =>
        Directory.Exists(path) && !VolumeFile.IsFolder(path);

    /// <summary>The label files of a folder by the case that each is of, as <see cref="CaseId" /> names it.</summary>
    /// <exception cref="ProblemException">It is missing or empty, or two files are of one case (exit 3).</exception>
    public static IReadOnlyDictionary<string, string> FilesById(string folder)
    {
        if (!Directory.Exists(folder))
            throw new ProblemException(
                ExitCode.Data,
                folder,
                File.Exists(folder)
                    ? "it is a file, but its counterpart is a folder"
                    : "folder not found",
                "Pass two label files or two folders of label files"
            );
        SortedDictionary<string, string> files = new(StringComparer.Ordinal);
        foreach (
            var path in Directory
                .EnumerateFiles(folder)
                .Where(VolumeFile.MayHoldLabels)
                .Order(StringComparer.Ordinal)
        )
            if (!files.TryAdd(CaseId.Of(path), path))
                throw new ProblemException(
                    ExitCode.Data,
                    folder,
                    $"{Path.GetFileName(files[CaseId.Of(path)])} and {Path.GetFileName(path)} are of the same case",
                    "Remove one of them"
                );
        return files.Count > 0
            ? files
            : throw new ProblemException(
                ExitCode.Data,
                folder,
                "it contains no label files",
                "Pass a folder of .nii.gz, .nii, .mha, .nrrd, .seg.nrrd, .seg or .dcm files"
            );
    }

    // The expected path of a missing file; reported when its case is evaluated.
    private static string Missing(IReadOnlyDictionary<string, string> files, string id)
    {
        var beside = files.First().Value;
        return Path.Combine(
            Path.GetDirectoryName(beside)!,
            id + (VolumeFile.FormatOf(beside) ?? Path.GetExtension(beside))
        );
    }

    private static void CheckAny(
        string folder,
        IEnumerable<string> known,
        IEnumerable<string> found
    )
    {
        if (known.Intersect(found).Any())
            return;
        throw new ProblemException(
            ExitCode.Data,
            folder,
            $"no prediction has the name of a reference, such as {known.First()}",
            "Give both files of a case the same name"
        );
    }
}
