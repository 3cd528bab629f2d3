using System.Text;
using KneeSeg.Imaging;
using KneeSeg.Reports.Html;

namespace KneeSeg.Reports.Page;

/// <summary>The frame of every page: a title and an embedded style sheet; nothing is loaded from elsewhere.</summary>
internal static class PageFrame
{
    // Browsers then refuse to load anything from elsewhere; the viewer unpacks itself from within the page.
    private const string Policy =
        "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'unsafe-inline' blob:; connect-src data: blob:";

    /// <summary>A whole page.</summary>
    /// <param name="title">Its title.</param>
    /// <param name="labels">Number of labels with a color, including background.</param>
    /// <param name="sections">Its body.</param>
    public static Markup Draw(string title, int labels, Markup sections) =>
        Markup.Of(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8" />
            <meta name="viewport" content="width=device-width, initial-scale=1" />
            <meta name="color-scheme" content="light dark" />
            <meta http-equiv="Content-Security-Policy" content="{Policy}" />
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
    /// <param name="says">The alternative text.</param>
    /// <param name="kind"><c>png</c> or <c>gif</c>.</param>
    /// <param name="file">The picture.</param>
    public static Markup Picture(string says, string kind, byte[] file) =>
        Markup.Of(
            $"""<img class="picture" alt="{says}" src="data:image/{kind};base64,{Convert.ToBase64String(
                file
            )}"/>"""
        );

    // Label colors come from the palette; everything else is in report.css.
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
