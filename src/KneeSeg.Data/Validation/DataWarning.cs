namespace KneeSeg.Data.Validation;

/// <summary>A warning about an image.</summary>
/// <param name="What">What is unusual, without a full stop.</param>
/// <param name="Fix">What to do, without a full stop.</param>
public sealed record DataWarning(string What, string Fix);
