using System.Text;
using KneeSeg.Imaging;

namespace KneeSeg.Reports;

/// <summary>What every page has around its sections: a title and one style sheet, and nothing from a network.</summary>
internal static class PageFrame
{
    /// <summary>A whole page.</summary>
    /// <param name="title">What it is about.</param>
    /// <param name="labels">How many labels have a color, background included.</param>
    /// <param name="sections">What it says.</param>
    public static Markup Draw(string title, int labels, Markup sections) =>
        Markup.Of(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8" />
            <meta name="viewport" content="width=device-width, initial-scale=1" />
            <meta name="color-scheme" content="light dark" />
            <title>{title} · KneeSeg</title>
            <style>{Style(labels)}</style>
            </head>
            <body>
            <main>
            {sections}
            </main>
            </body>
            </html>

            """
        );

    /// <summary>A picture within the page.</summary>
    /// <param name="says">What it shows, for those who can't see it.</param>
    /// <param name="kind"><c>png</c> or <c>gif</c>.</param>
    /// <param name="file">The picture.</param>
    public static Markup Picture(string says, string kind, byte[] file) =>
        Markup.Of(
            $"""<img class="picture" alt="{says}" src="data:image/{kind};base64,{Convert.ToBase64String(
                file
            )}"/>"""
        );

    // The colors of labels come from the palette; all else is in report.css.
    private static Markup Style(int labels)
    {
        using var file = typeof(PageFrame).Assembly.GetManifestResourceStream("report.css")!;
        using var reader = new StreamReader(file, Encoding.UTF8);
        var all = Enumerable.Range(1, Math.Max(0, labels - 1)).ToArray();
        return new(
            $$"""
            :root { {{Colors(all, LabelPalette.OnLight)}} }
            @media screen and (prefers-color-scheme: dark) { :root { {{Colors(
                all,
                LabelPalette.OnDark
            )}} } }
            .panel, .chip { {{Colors(all, LabelPalette.OnDark)}} }
            {{string.Join("\n", all.Select(i => $".label-{i} {{ --own: var(--label-{i}); }}"))}}
            {{reader.ReadToEnd()}}
            """
        );
    }

    private static string Colors(int[] labels, Func<int, Rgb> color) =>
        string.Concat(labels.Select(i => $"--label-{i}:{color(i)};"));
}
