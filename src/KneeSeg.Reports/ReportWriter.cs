using KneeSeg.Rendering;

namespace KneeSeg.Reports;

/// <summary>Writes a run's report: one page that needs nothing but a browser, and its tables beside it.</summary>
public static class ReportWriter
{
    private const int PictureWidth = 480;

    /// <summary>
    /// Writes <c>report.html</c>, and beside it <c>report.md</c> and, where something was measured,
    /// <c>report-structures.csv</c> and <c>report-cases.csv</c>, and of each case in its gallery <c>report-ID.png</c>: image, truth
    /// and prediction from top to bottom; of those shown as a whole also <c>report-ID-slices.gif</c>, a
    /// flight through the slices, and <c>report-ID-voxels.png</c>, the tissues as bodies. All are named after the page.
    /// </summary>
    /// <param name="path">Where the page goes.</param>
    /// <param name="content">What it says.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <exception cref="ProblemException">A place can't be written (exit 6), or <c>run.json</c> is not JSON (exit 3).</exception>
    public static void Write(string path, ReportContent content, IProgressSink progress)
    {
        var folder = Path.GetDirectoryName(path) ?? "";
        var stem = Path.Combine(folder, Path.GetFileNameWithoutExtension(path));
        var (shown, whole) = (GallerySection.Shown(content), GallerySection.Whole(content));
        Dictionary<string, CaseViews> views = [];
        foreach (var (i, picture) in shown.Index())
        {
            progress.Report(new Progress("drawing", i, shown.Count, picture.Id));
            var volumes = picture.Load();
            Keep($"{stem}-{picture.Id}.png", Png.Encode(Montage.Draw([volumes], PictureWidth)));
            if (!whole.Contains(picture))
                continue;
            var view = CaseViews.Of(
                $"{Path.GetFileName(stem)}-{picture.Id}",
                volumes,
                content.Labels.Count
            );
            views[picture.Id] = view;
            Keep(Path.Combine(folder, view.SlicesFile), view.Slices);
            Keep(Path.Combine(folder, view.VoxelsFile), view.Voxels);
        }
        if (content.Evaluation is { } evaluation)
        {
            AtomicFile.WriteText($"{stem}-structures.csv", CsvTables.Structures(evaluation));
            AtomicFile.WriteText($"{stem}-cases.csv", CsvTables.Cases(evaluation));
        }
        AtomicFile.WriteText($"{stem}.md", MarkdownReport.Of(content));
        // Last, so that where there is a page all else is there too.
        AtomicFile.WriteText(path, ReportPage.Draw(content, views).Source);
    }

    private static void Keep(string path, byte[] picture) =>
        AtomicFile.Write(path, stream => stream.Write(picture));
}
