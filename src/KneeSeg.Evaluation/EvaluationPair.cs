using KneeSeg.Imaging;

namespace KneeSeg.Evaluation;

/// <summary>A case's two label files.</summary>
/// <param name="Id">The case.</param>
/// <param name="Reference">What is true.</param>
/// <param name="Prediction">What was found.</param>
/// <param name="Spacing">Of files that know none.</param>
/// <param name="OneTissue">Whether all labels of the reference count as label 1, whatever they are.</param>
/// <param name="Ignore">The value of voxels that the reference does not annotate; null where all are.</param>
public sealed record EvaluationPair(
    string Id,
    string Reference,
    string Prediction,
    ModelSpacing? Spacing = null,
    bool OneTissue = false,
    byte? Ignore = null
)
{
    /// <summary>
    /// Reads both on the reference's grid, the prediction turned where its axes run otherwise; see
    /// <see cref="PlacedLabels" />. Where it is on another lattice it stays there.
    /// </summary>
    /// <param name="labels">The profile's names, for files that name their segments.</param>
    /// <param name="doubts">Receives those about either file.</param>
    /// <exception cref="ProblemException">A file can't be read (exit 3).</exception>
    public (Volume<byte> Reference, Volume<byte> Prediction) Read(
        IReadOnlyList<string> labels,
        FileWarnings doubts
    )
    {
        var doubt = doubts.About(Prediction);
        var found = ReadPrediction(labels, doubt);
        var known = PlacedLabels.Including(
            ReadReference(labels, doubts.About(Reference)),
            found.Grid
        );
        var placed = PlacedLabels.On(known.Grid, found);
        if (placed.Note is { } note)
            doubt(note);
        return (known, placed.Labels ?? found);
    }

    /// <summary>Reads what is true; voxels that are not annotated become <see cref="LabelValue.Ignored"/>.</summary>
    /// <param name="labels">The profile's names, for a file that names its segments.</param>
    /// <param name="warn">Receives every doubt, a sentence each.</param>
    /// <exception cref="ProblemException">The file can't be read, or has a label that none can be (exit 3).</exception>
    public Volume<byte> ReadReference(
        IReadOnlyList<string>? labels = null,
        Action<string>? warn = null
    )
    {
        var volume = VolumeFile.ReadLabels(
            Reference,
            Spacing,
            warn,
            names: OneTissue ? null : labels
        );
        if (Ignore != LabelValue.Ignored && volume.Voxels.Contains(LabelValue.Ignored))
            throw new ProblemException(
                ExitCode.Data,
                Reference,
                $"{volume.Voxels.AsSpan().Count(LabelValue.Ignored):N0} voxels have label {LabelValue.Ignored}, which is no structure's",
                $"Correct the labels; if these voxels are not annotated, evaluate against a dataset whose dataset.json has \"ignore\": {LabelValue.Ignored}"
            );
        LabelValue.MarkIgnored(volume.Voxels, Ignore);
        return OneTissue ? volume with { Voxels = LabelValue.Binarized(volume.Voxels) } : volume;
    }

    /// <summary>Reads what was found.</summary>
    /// <param name="labels">The profile's names, for a file that names its segments.</param>
    /// <param name="warn">Receives every doubt, a sentence each.</param>
    /// <exception cref="ProblemException">The file can't be read (exit 3).</exception>
    public Volume<byte> ReadPrediction(
        IReadOnlyList<string>? labels = null,
        Action<string>? warn = null
    ) => VolumeFile.ReadLabels(Prediction, Spacing, warn, names: labels);

    /// <summary>Pairs two files, or two folders by the names of their files without endings.</summary>
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
    /// <param name="cases">Each case's id, its label file, and the spacing if its files know none.</param>
    /// <exception cref="ProblemException">The folder is missing, or every case's file in it (exit 3).</exception>
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
                    ? "it is a file, its counterpart a folder"
                    : "there is no such folder",
                "Give two label files or two folders of them"
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
                    "Leave one of them"
                );
        return files.Count > 0
            ? files
            : throw new ProblemException(
                ExitCode.Data,
                folder,
                "no label file is in it",
                "Give a folder of .nii.gz, .nii, .mha, .nrrd, .seg.nrrd or .seg files"
            );
    }

    // A file that is not there, named like those beside it: a problem of its case, when its turn comes.
    private static string Missing(IReadOnlyDictionary<string, string> files, string id)
    {
        var beside = files.First().Value;
        return Path.Combine(Path.GetDirectoryName(beside)!, id + VolumeFile.FormatOf(beside));
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
            $"no prediction is named like a reference, such as {known.First()}",
            "Name both files of a case alike"
        );
    }
}
