using System.Text.Json;
using System.Text.Json.Serialization;
using KneeSeg.Data.Datasets;

namespace KneeSeg.Data.Validation;

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
