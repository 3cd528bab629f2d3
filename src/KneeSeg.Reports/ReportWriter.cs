namespace KneeSeg.Reports;

/// <summary>Writes a run's report: one page that needs nothing but a browser, and its tables beside it.</summary>
public static class ReportWriter
{
    private const int PictureWidth = 480;

    /// <summary>
    /// Writes <c>report.html</c>, and beside it <c>report.md</c> and, where something was measured,
    /// <c>report-structures.csv</c> and <c>report-cases.csv</c>, and of each case in its gallery <c>report-ID.png</c>: image, truth
    /// and prediction from top to bottom; all named after the page.
    /// </summary>
    /// <param name="path">Where the page goes.</param>
    /// <param name="content">What it says.</param>
    /// <exception cref="ProblemException">A place can't be written (exit 6), or <c>run.json</c> is not JSON (exit 3).</exception>
    public static void Write(string path, ReportContent content)
    {
        var stem = Path.Combine(
            Path.GetDirectoryName(path) ?? "",
            Path.GetFileNameWithoutExtension(path)
        );
        AtomicFile.WriteText(path, ReportPage.Draw(content).Source);
        AtomicFile.WriteText($"{stem}.md", MarkdownReport.Of(content));
        foreach (var picture in GallerySection.Shown(content))
            AtomicFile.Write(
                $"{stem}-{picture.Id}.png",
                stream => stream.Write(Png.Encode(Montage.Draw([picture.Load()], PictureWidth)))
            );
        if (content.Evaluation is not { } evaluation)
            return;
        AtomicFile.WriteText($"{stem}-structures.csv", CsvTables.Structures(evaluation));
        AtomicFile.WriteText($"{stem}-cases.csv", CsvTables.Cases(evaluation));
    }
}
