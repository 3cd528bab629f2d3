namespace KneeSeg.Data.Datasets;

/// <summary>An issue found in a dataset.</summary>
/// <param name="Severity">Its severity.</param>
/// <param name="Case">The case's id; empty where it concerns the dataset.</param>
/// <param name="What">What is wrong and where, without a full stop.</param>
/// <param name="Fix">What to do, without a full stop.</param>
public sealed record ValidationIssue(IssueSeverity Severity, string Case, string What, string Fix);
