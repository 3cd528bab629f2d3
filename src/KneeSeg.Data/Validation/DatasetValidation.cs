using System.Text.Json;
using System.Text.Json.Serialization;
using KneeSeg.Data.Datasets;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;

namespace KneeSeg.Data.Validation;

/// <summary>
/// Applies every validation rule to a dataset and lists all issues: missing or unreadable files, labels off the image's
/// grid or unknown, empty, constant or non-finite volumes, unusual spacings, subjects or images in two splits.
/// </summary>
public static class DatasetValidation
{
    /// <summary>Checks a dataset, or several that are trained together.</summary>
    /// <param name="paths">As for <see cref="DatasetFolder.Open"/>.</param>
    /// <param name="progress">Called before each case.</param>
    /// <param name="cancel">Stops between cases.</param>
    /// <exception cref="ProblemException">Its cases can't be determined (exit 3).</exception>
    public static ValidationReport Run(
        IReadOnlyList<string> paths,
        Action<CaseProgress>? progress = null,
        CancellationToken cancel = default
    )
    {
        var (dataset, faults) = DatasetFolder.OpenWithFaults(paths);
        List<ValidationIssue> findings = [.. faults.Select(IssueOf), .. dataset.Warnings];
        List<CaseSummary> facts = [];
        var (labeled, ignored) = (0L, 0L);
        var voxels = dataset.Sources.ToDictionary(source => source, _ => new long[256]);
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
            var check = new CaseValidation(dataCase, dataCase.OwnProfile(dataset.Profile));
            if (check.Run() is { } read)
                facts.Add(read);
            findings.AddRange(check.Findings);
            labeled += check.Labeled;
            ignored += check.Ignored;
            if (dataCase.Source is { } source)
                foreach (var (value, count) in check.Counts.Index())
                    voxels[source][value] += count;
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
            Sources =
            [
                .. dataset.Sources.Select(source =>
                    SourceReport.Of(
                        source,
                        dataset.Profile.Labels,
                        dataset.Cases.Count(one => one.Source == source),
                        voxels[source]
                    )
                ),
            ],
        };
    }

    /// <inheritdoc cref="Run(IReadOnlyList{string}, Action{CaseProgress}?, CancellationToken)"/>
    public static ValidationReport Run(
        string path,
        Action<CaseProgress>? progress = null,
        CancellationToken cancel = default
    ) => Run([path], progress, cancel);

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
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Voxels of all label volumes, ignored ones among them.</summary>
    public long Labeled { get; init; }

    /// <summary>Ignored voxels: excluded from losses and metrics.</summary>
    public long Ignored { get; init; }

    /// <summary>What each source labels; none for a dataset of its own.</summary>
    public IReadOnlyList<SourceReport> Sources { get; init; } = [];

    /// <summary>How many findings are errors.</summary>
    public int Errors => Findings.Count(finding => finding.Severity == IssueSeverity.Error);

    /// <summary>How many findings are warnings.</summary>
    public int Warnings => Findings.Count - Errors;

    /// <summary>
    /// <c>{ name, cases, labeled, ignored, errors, warnings, findings: [{ severity, case, what, fix }] }</c>, severity
    /// being <c>warning</c> or <c>error</c>; with several sources also
    /// <c>sources: [{ name, cases, labels: [{ value, name, classes, voxels }], unlabeled }]</c>.
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
                Sources = Sources is [] ? null : Sources,
            },
            Style
        );
}

/// <summary>What a source labels.</summary>
/// <param name="Name">The source.</param>
/// <param name="Cases">How many cases it has.</param>
/// <param name="Labels">Its structures, in its own order.</param>
/// <param name="Unlabeled">The structures of other sources that it does not label.</param>
public sealed record SourceReport(
    string Name,
    int Cases,
    IReadOnlyList<SourceLabel> Labels,
    IReadOnlyList<string> Unlabeled
)
{
    internal static SourceReport Of(
        LabelSource source,
        IReadOnlyList<string> labels,
        int cases,
        long[] voxels
    ) =>
        new(
            source.Name,
            cases,
            [
                .. source
                    .Labels.Index()
                    .Skip(1)
                    .Select(label => new SourceLabel(
                        label.Index,
                        label.Item,
                        source.Classes[label.Index],
                        voxels[label.Index]
                    )),
            ],
            [.. source.Classes[0].Where(label => label > 0).Select(label => labels[label])]
        );
}

/// <summary>A label of a source.</summary>
/// <param name="Value">In its files.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Classes">The classes of all sources that it stands for.</param>
/// <param name="Voxels">Of all its cases.</param>
public sealed record SourceLabel(int Value, string Name, IReadOnlyList<int> Classes, long Voxels);
