namespace KneeSeg.Reports;

/// <summary>What each row's networks say: the first repeat's last still in the page, and links to what lies in the runs' folders.</summary>
internal static class SweepPictures
{
    public static Markup Draw(SweepResult sweep)
    {
        SweepRowResult[] rows =
        [
            .. sweep.Rows.Where(row => row.Runs.Any(run => run.Pictures.Files.Count > 0)),
        ];
        return rows is []
            ? Markup.None
            : Markup.Of(
                $"""
                <section id="pictures"><h2>Pictures</h2>
                <p>What the first repeat said of fixed cases at its last validation. The files of every repeat, its report with curves among them, lie in its folder beside this page.</p>
                <div class="charts">{Markup.Each(rows, Row)}</div></section>
                """
            );
    }

    private static Markup Row(SweepRowResult row) =>
        Markup.Of(
            $"""
            <figure><figcaption>{row.Name}</figcaption>
            {(
                row.Runs.Select(run => run.Pictures.Still).FirstOrDefault(still => still is not null)
                    is { } png
                    ? PageFrame.Picture($"image, truth and prediction of {row.Name}", "png", png)
                    : Markup.None
            )}
            {Markup.Each(row.Runs, Links)}
            </figure>
            """
        );

    private static Markup Links(SweepRunResult run) =>
        run.Pictures.Files is []
            ? Markup.None
            : Markup.Of(
                $"""
                <ul class="legend"><li>{run.Name}</li>{Markup.Each(
                    run.Pictures.Files,
                    file => Markup.Of($"""<li><a href="{Address(file)}">{Name(file)}</a></li>""")
                )}</ul>
                """
            );

    private static string Address(string file) =>
        string.Join('/', file.Split('/').Select(Uri.EscapeDataString));

    private static string Name(string file) =>
        Path.GetFileNameWithoutExtension(file).Replace("report-", "");
}
