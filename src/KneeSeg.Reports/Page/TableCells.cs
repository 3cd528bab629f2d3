using KneeSeg.Reports.Html;

namespace KneeSeg.Reports.Page;

/// <summary>Cells of a table that hold numbers.</summary>
internal static class TableCells
{
    /// <summary>A row's numbers.</summary>
    public static Markup Of(params IEnumerable<string> numbers) =>
        Markup.Each(numbers, number => Markup.Of($"""<td class="n">{number}</td>"""));

    /// <summary>Their titles.</summary>
    public static Markup Titles(params IEnumerable<string> titles) =>
        Markup.Each(titles, title => Markup.Of($"""<th class="n">{title}</th>"""));
}
