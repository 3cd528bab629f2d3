using KneeSeg.Data;
using KneeSeg.Evaluation;
using KneeSeg.Imaging;
using KneeSeg.Inference;
using KneeSeg.Reports;

namespace KneeSeg.Experiments;

/// <summary>Measures predictions against references, whatever way they are given.</summary>
public static class EvaluationJob
{
    /// <summary>The name of the file with the numbers.</summary>
    public const string FileName = "evaluation.json";

    /// <summary>Measures.</summary>
    /// <param name="predictions">A label volume, or a folder of them.</param>
    /// <param name="references">
    /// A label volume, a folder of them, or a dataset: then its test cases, and whatever others have a prediction. Of
    /// labels in a dataset's folder, the dataset says what they mean unless the predictions do, and which are ignored.
    /// </param>
    /// <param name="folder">Where <c>evaluation.json</c> goes; null writes nothing.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <exception cref="ProblemException">
    /// A counterpart is missing, or grids or labels don't agree (exit 3); the predictions have another label profile
    /// than the dataset, and are not of one tissue (exit 5); the folder can't be written (exit 6).
    /// </exception>
    public static EvaluationSummary Run(
        string predictions,
        string references,
        string? folder,
        IProgressSink progress
    )
    {
        var (cases, profile) = Match(predictions, references);
        return Run(cases, profile, folder, progress);
    }

    /// <summary>Measures predictions of chosen cases of a dataset.</summary>
    /// <param name="predictions">A folder of them.</param>
    /// <param name="dataset">What labels mean.</param>
    /// <param name="wanted">Its cases that count; each has labels.</param>
    /// <param name="folder">Where <c>evaluation.json</c> goes.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <exception cref="ProblemException">As the other one throws.</exception>
    public static EvaluationSummary Run(
        string predictions,
        Dataset dataset,
        IEnumerable<DatasetCase> wanted,
        string folder,
        IProgressSink progress
    )
    {
        var (cases, profile) = Match(predictions, dataset, wanted);
        return Run(cases, profile, folder, progress);
    }

    private static EvaluationSummary Run(
        IReadOnlyList<EvaluatedCase> cases,
        LabelSchema profile,
        string? folder,
        IProgressSink progress
    )
    {
        var summary = PairEvaluation.Pairs(
            [.. cases.Select(one => one.Pair)],
            profile.Labels,
            (done, total) => progress.Report(new Progress("measuring", done, total)),
            progress.Say
        );
        if (folder is not null)
        {
            summary.Save(Path.Combine(folder, FileName));
            AtomicFile.WriteText(
                Path.Combine(folder, "structures.csv"),
                CsvTables.Structures(summary)
            );
            AtomicFile.WriteText(Path.Combine(folder, "cases.csv"), CsvTables.Cases(summary));
            EvaluatedCase.Save(folder, cases);
        }
        return summary;
    }

    private static (IReadOnlyList<EvaluatedCase> Cases, LabelSchema Profile) Match(
        string predictions,
        string references
    )
    {
        if (IsDataset(references))
        {
            var dataset = Dataset.Open(references);
            var found = EvaluationPair.FilesById(predictions);
            return Match(
                predictions,
                dataset,
                dataset
                    .Cases.Where(one => one.Labels is not null)
                    .Where(one =>
                        one.Split == Split.Test || found.ContainsKey(CaseId.OfName(one.Id))
                    )
            );
        }
        var (stated, oneTissue) = Stated(predictions);
        var around = Around(references);
        var profile = stated ?? around ?? LabelSchema.Known[0];
        var pairs = EvaluationPair.Match(predictions, references);
        return (
            [
                .. pairs.Select(p => new EvaluatedCase(
                    p.Id,
                    null,
                    p.Reference,
                    p.Prediction,
                    p.Spacing,
                    oneTissue,
                    around?.Ignore
                )),
            ],
            profile
        );
    }

    private static (IReadOnlyList<EvaluatedCase> Cases, LabelSchema Profile) Match(
        string predictions,
        Dataset dataset,
        IEnumerable<DatasetCase> cases
    )
    {
        var (stated, oneTissue) = Stated(predictions);
        if (stated is not null && !oneTissue && !stated.SameOrder(dataset.Profile))
            throw new ProblemException(
                ExitCode.Checkpoint,
                predictions,
                $"has the labels of {stated.Name}, and the dataset those of {dataset.Profile.Name}",
                "Compare predictions and references of one label profile"
            );
        var wanted = cases.ToDictionary(one => one.Id);
        var matched = EvaluationPair.Match(
            predictions,
            [.. wanted.Values.Select(one => (one.Id, one.LabelsPath, one.Spacing))]
        );
        return (
            [
                .. matched.Select(p => new EvaluatedCase(
                    p.Id,
                    wanted[p.Id].Image,
                    p.Reference,
                    p.Prediction,
                    p.Spacing,
                    oneTissue,
                    dataset.Profile.Ignore
                )),
            ],
            oneTissue ? stated! : dataset.Profile
        );
    }

    // A network of one map tells tissue from background, and nothing else: so do its references then.
    private static (LabelSchema? Profile, bool OneTissue) Stated(string predictions)
    {
        var stated = PredictionFolder.ProfileOf(
            Directory.Exists(predictions)
                ? predictions
                : Path.GetDirectoryName(Path.GetFullPath(predictions))!
        );
        return (stated, stated?.SameOrder(LabelSchema.Binary) ?? false);
    }

    // Label files by themselves don't say what they mean; the dataset in whose folder they lie does.
    private static LabelSchema? Around(string references)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(references));
        var folder = Directory.Exists(path) ? path : Path.GetDirectoryName(path);
        // The manifest lies beside the labels, or above their folder.
        var place = new[] { folder, Path.GetDirectoryName(folder) }.FirstOrDefault(at =>
            at is not null && File.Exists(Path.Combine(at, Dataset.ManifestName))
        );
        if (place is null)
            return null;
        try
        {
            var dataset = Dataset.Open(place);
            return dataset.Cases.Any(one =>
                one.Labels == path || Path.GetDirectoryName(one.Labels) == folder
            )
                ? dataset.Profile
                : null;
        }
        // What is wrong with the dataset does not matter to files that are named by themselves.
        catch (ProblemException)
        {
            return null;
        }
    }

    private static bool IsDataset(string path) =>
        Path.GetFileName(path) == Dataset.ManifestName
        || Directory.Exists(path)
            && (
                File.Exists(Path.Combine(path, Dataset.ManifestName))
                || Directory.EnumerateFiles(path, "*.im").Any()
            );
}
