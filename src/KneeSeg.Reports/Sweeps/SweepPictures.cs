using KneeSeg.Reports.Html;
using KneeSeg.Reports.Page;

namespace KneeSeg.Reports.Sweeps;

/// <summary>The last validation snapshot of each row's first repeat, and links to the files in the run folders.</summary>
internal static class SweepPictures
{
    public static Markup Draw(SweepResult sweep)
    {
        SweepRow[] rows =
        [
            .. sweep.Rows.Where(row => sweep.Repeats(row).Any(run => run.Pictures.Files.Count > 0)),
        ];
        return rows is []
            ? Markup.None
            : Markup.Of(
                $"""
                <section id="pictures"><h2>Images</h2>
                <p>Predictions on fixed cases at the last validation of the first repeat, and links to the report and animations of every run.</p>
                <div class="charts">{Markup.Each(rows, row => Row(sweep, row))}</div></section>
                """
            );
    }

    private static Markup Row(SweepResult sweep, SweepRow row) =>
        Markup.Of(
            $"""
            <figure><figcaption>{row.Name}</figcaption>
            {(
                sweep.Repeats(row).Select(run => run.Pictures.Still).FirstOrDefault(still => still is not null)
                    is { } png
                    ? PageFrame.Picture($"image, reference and prediction of {row.Name}", "png", png)
                    : Markup.None
            )}
            {Markup.Each(row.Runs, run => Links(run.Name, sweep.Runs[run.Name].Pictures))}
            </figure>
            """
        );

    private static Markup Links(string run, RunPictures pictures) =>
        pictures.Files is []
            ? Markup.None
            : Markup.Of(
                $"""
                <ul class="legend"><li>{run}</li>{Markup.Each(
                    pictures.Files,
                    file => Markup.Of($"""<li><a href="{Address(file)}">{Name(file)}</a></li>""")
                )}</ul>
                """
            );

    private static string Address(string file) =>
        string.Join('/', file.Split('/').Select(Uri.EscapeDataString));

    private static string Name(string file) =>
        Path.GetFileNameWithoutExtension(file).Replace("report-", "");
}
