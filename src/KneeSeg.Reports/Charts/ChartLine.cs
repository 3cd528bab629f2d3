namespace KneeSeg.Reports.Charts;

/// <summary>A line of a chart.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Style">Its class in the style sheet, which has its color and dashes.</param>
/// <param name="Points">From left to right; a gap where Y is not finite.</param>
/// <param name="Last">The last value as text, for the legend.</param>
/// <param name="Band">How far values spread at each point; null draws none.</param>
internal sealed record ChartLine(
    string Name,
    string Style,
    IReadOnlyList<(double X, double Y)> Points,
    string Last,
    IReadOnlyList<(double Low, double High)>? Band = null
);
