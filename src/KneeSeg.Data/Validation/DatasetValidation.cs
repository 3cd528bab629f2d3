using KneeSeg.Data.Datasets;
using KneeSeg.Imaging.Files;

namespace KneeSeg.Data.Validation;

/// <summary>
/// Applies every validation rule to a dataset and lists all issues: missing or unreadable files, labels off the image's
/// grid or unknown, empty, constant or non-finite volumes, unusual spacings, subjects or images in two splits.
/// </summary>
public static class DatasetValidation
{
    /// <summary>Checks a dataset.</summary>
    /// <param name="path">As for <see cref="Dataset.Open"/>.</param>
    /// <param name="progress">Called before each case.</param>
    /// <param name="cancel">Stops between cases.</param>
    /// <exception cref="ProblemException">Its cases can't be determined (exit 3).</exception>
    public static ValidationReport Run(
        string path,
        Action<CaseProgress>? progress = null,
        CancellationToken cancel = default
    )
    {
        var (dataset, faults) = Dataset.OpenWithFaults(path);
        List<ValidationIssue> findings = [.. faults.Select(IssueOf), .. dataset.Warnings];
        List<CaseSummary> facts = [];
        var (labeled, ignored) = (0L, 0L);
        for (var i = 0; i < dataset.Cases.Count; i++)
        {
            cancel.ThrowIfCancellationRequested();
            var dataCase = dataset.Cases[i];
            progress?.Invoke(new(i, dataset.Cases.Count, dataCase.Id));
            // Missing files are among the faults already.
            if (
                !VolumeFile.Exists(dataCase.Image)
                || dataCase.Labels is { } l && !VolumeFile.Exists(l)
            )
                continue;
            var check = new CaseValidation(dataCase, dataset.Profile);
            if (check.Run() is { } read)
                facts.Add(read);
            findings.AddRange(check.Findings);
            labeled += check.Labeled;
            ignored += check.Ignored;
        }
        findings.AddRange(DatasetRules.Findings(facts));
        return new ValidationReport(
            dataset.Name,
            dataset.Cases.Count,
            [.. findings.OrderByDescending(finding => finding.Severity)]
        )
        {
            Labeled = labeled,
            Ignored = ignored,
        };
    }

    private static ValidationIssue IssueOf(ProblemException fault) =>
        fault.Where.StartsWith("case ", StringComparison.Ordinal)
            ? new(IssueSeverity.Error, fault.Where[5..], fault.What, fault.Fix)
            : new(IssueSeverity.Error, "", $"{fault.Where} {fault.What}", fault.Fix);
}
