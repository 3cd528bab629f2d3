namespace KneeSeg.Data;

/// <summary>Progress over many cases.</summary>
/// <param name="Done">How many are done.</param>
/// <param name="Total">How many there are.</param>
/// <param name="Case">The id of the case that starts.</param>
public readonly record struct CaseProgress(int Done, int Total, string Case);
