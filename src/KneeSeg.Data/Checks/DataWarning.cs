namespace KneeSeg.Data;

/// <summary>Something about an image that a person should look at.</summary>
/// <param name="What">What is odd, without a full stop.</param>
/// <param name="Fix">What to do, without a full stop.</param>
public sealed record DataWarning(string What, string Fix);
