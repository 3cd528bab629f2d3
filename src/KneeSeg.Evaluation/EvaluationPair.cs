using KneeSeg.Imaging;

namespace KneeSeg.Evaluation;

/// <summary>A case's two label files.</summary>
/// <param name="Id">The case.</param>
/// <param name="Reference">What is true.</param>
/// <param name="Prediction">What was found.</param>
/// <param name="Spacing">Of files that know none.</param>
/// <param name="OneTissue">Whether all labels of the reference count as label 1, whatever they are.</param>
public sealed record EvaluationPair(
    string Id,
    string Reference,
    string Prediction,
    ModelSpacing? Spacing = null,
    bool OneTissue = false
)
{
    private const int Named = 3;

    /// <summary>Reads what is true.</summary>
    /// <exception cref="ProblemException">The file can't be read (exit 3).</exception>
    public Volume<byte> ReadReference()
    {
        var volume = VolumeFile.ReadLabels(Reference, Spacing);
        if (OneTissue)
            foreach (ref var label in volume.Voxels.AsSpan())
                label = Math.Min(label, (byte)1);
        return volume;
    }

    /// <summary>Reads what was found.</summary>
    /// <exception cref="ProblemException">The file can't be read (exit 3).</exception>
    public Volume<byte> ReadPrediction() => VolumeFile.ReadLabels(Prediction, Spacing);

    /// <summary>Pairs two files, or two folders by the names of their files without endings.</summary>
    /// <param name="predictions">A label file, or a folder of them.</param>
    /// <param name="references">The same kind of thing.</param>
    /// <exception cref="ProblemException">One is missing, or a file has no counterpart (exit 3).</exception>
    public static IReadOnlyList<EvaluationPair> Match(string predictions, string references)
    {
        if (!Directory.Exists(predictions) && !Directory.Exists(references))
            return [new(VolumeFile.IdOf(references), references, predictions)];
        var known = FilesById(references);
        var found = FilesById(predictions);
        CheckAll(predictions, "prediction", known.Keys.Except(found.Keys));
        CheckAll(references, "reference", found.Keys.Except(known.Keys));
        return [.. known.Select(file => new EvaluationPair(file.Key, file.Value, found[file.Key]))];
    }

    /// <summary>Pairs the cases of a dataset with the files of a folder, which may hold others too.</summary>
    /// <param name="predictions">A folder of files named by case.</param>
    /// <param name="cases">Each case's id, its label file, and the spacing if its files know none.</param>
    /// <exception cref="ProblemException">The folder is missing, or a case's file in it (exit 3).</exception>
    public static IReadOnlyList<EvaluationPair> Match(
        string predictions,
        IReadOnlyList<(string Id, string Reference, ModelSpacing? Spacing)> cases
    )
    {
        var found = FilesById(predictions);
        CheckAll(predictions, "prediction", cases.Select(c => c.Id).Except(found.Keys));
        return
        [
            .. cases.Select(c => new EvaluationPair(c.Id, c.Reference, found[c.Id], c.Spacing)),
        ];
    }

    private static SortedDictionary<string, string> FilesById(string folder)
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
            if (!files.TryAdd(VolumeFile.IdOf(path), path))
                throw new ProblemException(
                    ExitCode.Data,
                    folder,
                    $"{Path.GetFileName(files[VolumeFile.IdOf(path)])} and {Path.GetFileName(path)} are of the same case",
                    "Leave one of them"
                );
        return files.Count > 0
            ? files
            : throw new ProblemException(
                ExitCode.Data,
                folder,
                "no label file is in it",
                "Give a folder of .nii, .nii.gz or .seg files"
            );
    }

    private static void CheckAll(string folder, string what, IEnumerable<string> missing)
    {
        string[] ids = [.. missing];
        if (ids.Length == 0)
            return;
        var more = ids.Length > Named ? $" and {ids.Length - Named} more" : "";
        throw new ProblemException(
            ExitCode.Data,
            folder,
            $"there is no {what} for {string.Join(", ", ids.Take(Named))}{more}",
            "Name both files of a case alike, and leave no case without its counterpart"
        );
    }
}
