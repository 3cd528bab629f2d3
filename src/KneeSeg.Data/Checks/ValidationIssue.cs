namespace KneeSeg.Data;

/// <summary>Something about a dataset that a person should know.</summary>
/// <param name="Severity">How grave it is.</param>
/// <param name="Case">The case's id; empty where it concerns the dataset.</param>
/// <param name="What">What is wrong and where, without a full stop.</param>
/// <param name="Fix">What to do, without a full stop.</param>
public sealed record ValidationIssue(IssueSeverity Severity, string Case, string What, string Fix);
