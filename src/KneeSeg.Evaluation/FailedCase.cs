namespace KneeSeg.Evaluation;

/// <summary>A case that could not be evaluated.</summary>
/// <param name="Id">The case.</param>
/// <param name="Where">The file concerned.</param>
/// <param name="What">What is wrong.</param>
/// <param name="Fix">What to do.</param>
public sealed record FailedCase(string Id, string Where, string What, string Fix);
