using KneeSeg.Imaging;

namespace KneeSeg.Data;

/// <summary>
/// Tries every rule on every case of a dataset and lists all that it finds: files there and readable,
/// labels on the image's grid and of the profile, nothing empty, constant or not finite, usual spacings,
/// no subject or image in two splits.
/// </summary>
public static class DatasetValidation
{
    /// <summary>Checks a dataset.</summary>
    /// <param name="path">As for <see cref="Dataset.Open"/>.</param>
    /// <param name="progress">Called before each case.</param>
    /// <param name="cancel">Stops between cases.</param>
    /// <exception cref="ProblemException">No cases can be told from it (exit 3).</exception>
    public static ValidationReport Run(
        string path,
        Action<CaseProgress>? progress = null,
        CancellationToken cancel = default
    )
    {
        var (dataset, faults) = Dataset.OpenWithFaults(path);
        List<ValidationIssue> findings = [.. faults.Select(Told), .. dataset.Doubts];
        List<CaseFacts> facts = [];
        var (labeled, ignored) = (0L, 0L);
        for (var i = 0; i < dataset.Cases.Count; i++)
        {
            cancel.ThrowIfCancellationRequested();
            var dataCase = dataset.Cases[i];
            progress?.Invoke(new(i, dataset.Cases.Count, dataCase.Id));
            // A missing file is among the faults already.
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

    private static ValidationIssue Told(ProblemException fault) =>
        fault.Where.StartsWith("case ", StringComparison.Ordinal)
            ? new(IssueSeverity.Error, fault.Where[5..], fault.What, fault.Fix)
            : new(IssueSeverity.Error, "", $"{fault.Where} {fault.What}", fault.Fix);
}
