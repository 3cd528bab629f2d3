namespace KneeSeg.Reports.Tables;

/// <summary>A column of a Markdown table.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="IsNumber">Whether it is right-aligned.</param>
public sealed record MarkdownColumn(string Title, bool IsNumber = false);

/// <summary>Tables in GitHub's Markdown.</summary>
public static class MarkdownTable
{
    /// <summary>The lines of a table; bars and line breaks in cells are escaped.</summary>
    /// <param name="columns">Its columns.</param>
    /// <param name="rows">Its rows, one cell per column.</param>
    public static IEnumerable<string> Lines(
        IReadOnlyList<MarkdownColumn> columns,
        IEnumerable<IReadOnlyList<string>> rows
    ) =>
        [
            Line(columns.Select(column => column.Title)),
            $"|{string.Join('|', columns.Select(column => column.IsNumber ? "---:" : "---"))}|",
            .. rows.Select(Line),
        ];

    private static string Line(IEnumerable<string> cells) =>
        $"| {string.Join(" | ", cells.Select(cell => cell.Replace("|", "\\|").ReplaceLineEndings(" ")))} |";
}
