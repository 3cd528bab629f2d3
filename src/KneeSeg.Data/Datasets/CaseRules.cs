using KneeSeg.Imaging.Files;

namespace KneeSeg.Data.Datasets;

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
            if (!VolumeFile.Exists(dataCase.Image))
                yield return Missing(dataCase, "image", dataCase.Image);
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
