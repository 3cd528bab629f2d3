using System.Text.Json;
using System.Text.Json.Serialization;
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
    /// <param name="path">As for <see cref="DatasetFolder.Open"/>.</param>
    /// <param name="progress">Called before each case.</param>
    /// <param name="cancel">Stops between cases.</param>
    /// <exception cref="ProblemException">Its cases can't be determined (exit 3).</exception>
    public static ValidationReport Run(
        string path,
        Action<CaseProgress>? progress = null,
        CancellationToken cancel = default
    )
    {
        var (dataset, faults) = DatasetFolder.OpenWithFaults(path);
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
                !dataCase.Images.All(VolumeFile.Exists)
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

/// <summary>All issues of a dataset.</summary>
/// <param name="Name">The dataset's name.</param>
/// <param name="Cases">How many cases were checked.</param>
/// <param name="Findings">Errors first, then in the dataset's order.</param>
public sealed record ValidationReport(
    string Name,
    int Cases,
    IReadOnlyList<ValidationIssue> Findings
)
{
    private static readonly JsonSerializerOptions Style = new(JsonStyle.Printed)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Voxels of all label volumes, ignored ones among them.</summary>
    public long Labeled { get; init; }

    /// <summary>Ignored voxels: excluded from losses and metrics.</summary>
    public long Ignored { get; init; }

    /// <summary>How many findings are errors.</summary>
    public int Errors => Findings.Count(finding => finding.Severity == IssueSeverity.Error);

    /// <summary>How many findings are warnings.</summary>
    public int Warnings => Findings.Count - Errors;

    /// <summary>
    /// <c>{ name, cases, labeled, ignored, errors, warnings, findings: [{ severity, case, what, fix }] }</c>, severity
    /// being <c>warning</c> or <c>error</c>.
    /// </summary>
    public string ToJson() =>
        JsonSerializer.Serialize(
            new
            {
                Name,
                Cases,
                Labeled,
                Ignored,
                Errors,
                Warnings,
                Findings,
            },
            Style
        );
}
