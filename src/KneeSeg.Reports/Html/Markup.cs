using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace KneeSeg.Reports.Html;

/// <summary>
/// A piece of HTML that is safe to insert. Text gets into one only through <see cref="Of"/>, which encodes
/// every hole of the interpolated string that is not markup itself.
/// </summary>
internal readonly record struct Markup(string Source)
{
    public static readonly Markup None = new("");

    public static Markup Of(MarkupText text) => new(text.ToString());

    /// <summary>One piece for each item, in order.</summary>
    public static Markup Each<T>(IEnumerable<T> items, Func<T, Markup> piece) =>
        new(string.Concat(items.Select(item => piece(item).Source)));

    public override string ToString() => Source;
}

/// <summary>Collects the literals of an interpolated string as they are, and its holes encoded.</summary>
[InterpolatedStringHandler]
internal readonly ref struct MarkupText(int literalLength, int holes)
{
    private readonly StringBuilder html = new(literalLength + 16 * holes);

    public void AppendLiteral(string literal) => html.Append(literal);

    public void AppendFormatted(Markup markup) => html.Append(markup.Source);

    public void AppendFormatted(string? text) => html.Append(WebUtility.HtmlEncode(text));

    public void AppendFormatted(int number) => html.Append(number);

    public override string ToString() => html.ToString();
}
