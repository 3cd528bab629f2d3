using KneeSeg.Data.Datasets;
using KneeSeg.Evaluation;
using KneeSeg.Evaluation.Longitudinal;
using KneeSeg.Imaging.Files;
using KneeSeg.Inference.Files;
using KneeSeg.Reports.Tables;

namespace KneeSeg.Experiments;

/// <summary>Evaluates predictions against references, given as files, folders or a dataset.</summary>
public static class EvaluationJob
{
    /// <summary>The name of the file with the results.</summary>
    public const string FileName = "evaluation.json";

    /// <summary>Evaluates all predictions.</summary>
    /// <param name="predictions">A label volume, or a folder of them.</param>
    /// <param name="references">
    /// A label volume, a folder of them, or a dataset: then its test cases, and all others that have a prediction. For
    /// labels in a dataset's folder, the dataset defines the label schema, unless the predictions do, and the ignore label.
    /// </param>
    /// <param name="folder">The folder for <c>evaluation.json</c>; null writes nothing.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="maps">Maps of a single case, by name; those of a dataset's cases are in its manifest.</param>
    /// <exception cref="ProblemException">
    /// A counterpart is missing, or grids or labels differ (exit 3); the predictions have no structure of the
    /// dataset and are not binary (exit 5); the folder cannot be written (exit 6).
    /// </exception>
    public static EvaluationSummary Run(
        string predictions,
        string references,
        string? folder,
        IProgressSink progress,
        IReadOnlyDictionary<string, string>? maps = null
    )
    {
        var (cases, profile, visits) = Match(predictions, references);
        if (maps is { Count: > 0 })
            cases = cases is [var one]
                ? [one with { Maps = maps }]
                : throw new ProblemException(
                    ExitCode.Usage,
                    "--map",
                    $"there are {cases.Count} cases, and a map is of one",
                    "Evaluate one case, or list \"maps\" for each case in dataset.json"
                );
        return Run(cases, profile, visits, folder, progress);
    }

    /// <summary>Evaluates predictions of some cases of a dataset.</summary>
    /// <param name="predictions">A folder of them.</param>
    /// <param name="dataset">The dataset, with its label schema.</param>
    /// <param name="selected">The cases to evaluate; each has labels.</param>
    /// <param name="folder">The folder for <c>evaluation.json</c>.</param>
    /// <param name="progress">Receives progress.</param>
    /// <exception cref="ProblemException">As for the other overload.</exception>
    public static EvaluationSummary Run(
        string predictions,
        Dataset dataset,
        IEnumerable<DatasetCase> selected,
        string folder,
        IProgressSink progress
    )
    {
        var (cases, profile, visits) = Match(predictions, dataset, selected);
        return Run(cases, profile, visits, folder, progress);
    }

    private static EvaluationSummary Run(
        IReadOnlyList<EvaluatedCase> cases,
        LabelSchema profile,
        IReadOnlyList<CaseVisit> visits,
        string? folder,
        IProgressSink progress
    )
    {
        var summary = PairEvaluation.Pairs(
            [.. cases.Select(one => one.Pair)],
            profile.Labels,
            (done, total) => progress.Report(new Progress("evaluating", done, total)),
            progress.Say,
            profile.Regions
        );
        summary = VisitedEvaluation.Of(summary, visits) with
        {
            Maps = Maps(cases, summary, profile, folder, progress),
        };
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

    private static MapReport? Maps(
        IReadOnlyList<EvaluatedCase> cases,
        EvaluationSummary summary,
        LabelSchema profile,
        string? folder,
        IProgressSink progress
    )
    {
        var failed = summary.Failed.Select(one => one.Id).ToHashSet();
        return MapJob.Run(
            profile.Labels,
            [
                .. cases
                    .Where(one => !failed.Contains(one.Id))
                    .Select(one => new MappedLabels(
                        one.Id,
                        one.Maps,
                        one.Spacing,
                        () =>
                        {
                            // Warnings about both were reported when they were compared.
                            var (reference, prediction) = one.Pair.Read(profile.Labels, new());
                            return (reference, prediction);
                        }
                    )),
            ],
            folder,
            progress
        );
    }

    /// <summary>Finds the cases.</summary>
    /// <param name="predictions">As for <see cref="Run(string, string, string?, IProgressSink, IReadOnlyDictionary{string, string}?)"/>.</param>
    /// <param name="references">Likewise.</param>
    /// <param name="profile">The label map of files; null for that of the folders around them.</param>
    internal static (
        IReadOnlyList<EvaluatedCase> Cases,
        LabelSchema Profile,
        IReadOnlyList<CaseVisit> Visits
    ) Match(string predictions, string references, LabelSchema? profile = null)
    {
        if (DatasetFolder.Exists(references))
        {
            var dataset = DatasetFolder.Open(references);
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
        var (stated, binarized) = profile is null ? Stated(predictions) : (profile, false);
        var around = profile ?? Around(references);
        var matched = profile is null
            ? Matched(predictions, around ?? stated ?? LabelSchema.Known[0])
            : MatchedLabels.Same(profile);
        var pairs = EvaluationPair.Match(predictions, references);
        return (
            [
                .. pairs.Select(p => new EvaluatedCase(
                    p.Id,
                    null,
                    p.Reference,
                    p.Prediction,
                    p.Spacing,
                    binarized,
                    around?.Ignore
                )
                {
                    Source = matched.Of(null),
                    Predicted = matched.Predictions,
                }),
            ],
            matched.Schema,
            []
        );
    }

    private static (
        IReadOnlyList<EvaluatedCase> Cases,
        LabelSchema Profile,
        IReadOnlyList<CaseVisit> Visits
    ) Match(string predictions, Dataset dataset, IEnumerable<DatasetCase> cases)
    {
        var (_, binarized) = Stated(predictions);
        var matched = Matched(predictions, dataset.Profile);
        var byId = cases.ToDictionary(one => one.Id);
        var pairs = EvaluationPair.Match(
            predictions,
            [.. byId.Values.Select(one => (one.Id, one.LabelsPath, one.Spacing))]
        );
        return (
            [
                .. pairs.Select(p => new EvaluatedCase(
                    p.Id,
                    byId[p.Id].Image,
                    p.Reference,
                    p.Prediction,
                    p.Spacing,
                    binarized,
                    byId[p.Id].Source is { } source ? source.Ignore : dataset.Profile.Ignore
                )
                {
                    Source = matched.Of(byId[p.Id].Source),
                    Predicted = matched.Predictions,
                    Maps = byId[p.Id].Maps,
                }),
            ],
            matched.Schema,
            Visits(dataset)
        );
    }

    // A dataset's list of visits, if its cases are visits of knees.
    private static IReadOnlyList<CaseVisit> Visits(Dataset dataset) =>
        Path.Combine(dataset.Folder, VisitTable.FileName) is var table && File.Exists(table)
            ? VisitTable.Read(table)
            : [];

    private static MatchedLabels Matched(string predictions, LabelSchema references)
    {
        var (stated, binarized) = Stated(predictions);
        return binarized ? MatchedLabels.Same(stated!)
            : stated is null || stated.SameOrder(references) ? MatchedLabels.Same(references)
            : MatchedLabels.ByName(references, stated)
                ?? throw new ProblemException(
                    ExitCode.Checkpoint,
                    predictions,
                    $"predictions have the label schema {stated.Name}, references have {references.Name}, and no structure is in both",
                    "Compare predictions and references of the same structures"
                );
    }

    /// <summary>The label map of label files: that of the predictions, or of the dataset, in whose folder they are; null if unknown.</summary>
    internal static LabelSchema? ProfileOf(string path) => Stated(path).Profile ?? Around(path);

    // A binary network predicts foreground and background only, so references are binarized too.
    private static (LabelSchema? Profile, bool Binarized) Stated(string predictions)
    {
        var stated = PredictionFolder.ProfileOf(
            Directory.Exists(predictions)
                ? predictions
                : Path.GetDirectoryName(Path.GetFullPath(predictions))!
        );
        return (stated, stated?.SameOrder(LabelSchema.Binary) ?? false);
    }

    // Label files carry no schema; the dataset that contains them does.
    private static LabelSchema? Around(string references)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(references));
        var folder = Directory.Exists(path) ? path : Path.GetDirectoryName(path);
        // The manifest is in the labels' folder or its parent.
        var place = new[] { folder, Path.GetDirectoryName(folder) }.FirstOrDefault(at =>
            at is not null && DatasetFolder.HasManifest(at)
        );
        if (place is null)
            return null;
        try
        {
            var dataset = DatasetFolder.Open(place);
            return dataset.Cases.Any(one =>
                one.Labels == path || Path.GetDirectoryName(one.Labels) == folder
            )
                ? dataset.Profile
                : null;
        }
        // A broken dataset is no error when files are given directly.
        catch (ProblemException)
        {
            return null;
        }
    }
}
