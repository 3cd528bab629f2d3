namespace KneeSeg.Data;

/// <summary>How far work on many cases is.</summary>
/// <param name="Done">How many are done.</param>
/// <param name="Total">How many there are.</param>
/// <param name="Case">The one that begins.</param>
public readonly record struct CaseProgress(int Done, int Total, string Case);
