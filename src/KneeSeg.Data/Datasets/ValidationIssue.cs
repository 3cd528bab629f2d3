namespace KneeSeg.Data.Datasets;

/// <summary>An issue found in a dataset.</summary>
/// <param name="Severity">Its severity.</param>
/// <param name="Case">The case's id; empty where it concerns the dataset.</param>
/// <param name="What">What is wrong and where, without a full stop.</param>
/// <param name="Fix">What to do, without a full stop.</param>
public sealed record ValidationIssue(IssueSeverity Severity, string Case, string What, string Fix);

/// <summary>The severity of an issue.</summary>
public enum IssueSeverity
{
    /// <summary>Should be checked; does not prevent training.</summary>
    Warning,

    /// <summary>The dataset can't be used as it is.</summary>
    Error,
}
