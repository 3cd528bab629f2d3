using KneeSeg.Data.Datasets;
using KneeSeg.Dsl;
using KneeSeg.Evaluation;
using KneeSeg.Rendering;
using KneeSeg.Reports.Content;
using KneeSeg.Reports.Page;
using KneeSeg.Reports.Tables;
using KneeSeg.Reports.Viewer;
using KneeSeg.Runs;

namespace KneeSeg.Reports;

/// <summary>A run's report: a self-contained HTML page, and its tables and images next to it.</summary>
public static class RunReport
{
    private const int PictureWidth = 480;

    // About 3 MB a case, so that the page can still be shared.
    private const long MostViewedVoxels = 2_000_000;

    /// <summary>The content of a report.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="evaluation">The evaluation of its predictions; null if there is none.</param>
    /// <param name="pictures">Cases to show; may be empty.</param>
    /// <param name="network">The run's network, if it is at hand; else it is read from the folder.</param>
    /// <exception cref="ProblemException">The run is of another version (exit 5).</exception>
    public static RunContent Gather(
        RunFolder folder,
        EvaluationSummary? evaluation,
        IReadOnlyList<CasePicture> pictures,
        NetworkSpec? network = null
    )
    {
        var text = File.ReadAllText(folder.RunFile);
        var run = RunManifest.Read(text, folder.RunFile);
        return new(
            $"{run.Network} on {run.Data}",
            NetworkFacts.Of(
                Networks.Elaborate(network ?? run.Spec, run.InputChannels, run.Classes),
                run.Patch.Lengths
            ),
            Data(run),
            File.Exists(folder.Last) ? File.GetLastWriteTime(folder.Last) : null,
            run.Labels,
            RunLog.Read(folder.LogFile),
            evaluation,
            pictures,
            text
        )
        {
            Progress = File.Exists(folder.Animation) ? File.ReadAllBytes(folder.Animation) : null,
        };
    }

    /// <summary>
    /// Writes <c>report.html</c>, <c>report.md</c> and, with an evaluation, <c>report-structures.csv</c> and
    /// <c>report-cases.csv</c>; for each case in the gallery <c>report-ID.png</c> with image, reference and prediction, and for
    /// some also <c>report-ID-slices.gif</c>, a slice animation, and <c>report-ID-voxels.png</c>, a 3D rendering. All are
    /// named after the page.
    /// </summary>
    /// <param name="path">The HTML file.</param>
    /// <param name="content">What the report shows.</param>
    /// <param name="progress">Receives progress.</param>
    /// <exception cref="ProblemException">A file cannot be written (exit 6), or <c>run.json</c> is not JSON (exit 3).</exception>
    public static void Write(string path, RunContent content, IProgressSink progress)
    {
        var folder = Path.GetDirectoryName(path) ?? "";
        var stem = Path.Combine(folder, Path.GetFileNameWithoutExtension(path));
        var (shown, whole) = (GallerySection.Shown(content), GallerySection.Whole(content));
        Dictionary<string, CaseViews> views = [];
        foreach (var (i, picture) in shown.Index())
        {
            progress.Report(new Progress("drawing cases", i, shown.Count, picture.Id));
            var volumes = picture.Load();
            Keep($"{stem}-{picture.Id}.png", Png.Encode(Montage.Draw([volumes], PictureWidth)));
            if (!whole.Contains(picture))
                continue;
            var view = CaseViews.Of(
                $"{Path.GetFileName(stem)}-{picture.Id}",
                volumes,
                content.Labels.Count
            ) with
            {
                Packed = content.Viewer is null
                    ? null
                    : ViewedCase.Of(picture.Id, volumes, content.Labels).Pack(MostViewedVoxels),
            };
            views[picture.Id] = view;
            Keep(Path.Combine(folder, view.SlicesFile), view.Slices);
            Keep(Path.Combine(folder, view.VoxelsFile), view.Voxels);
        }
        if (content.Evaluation is { } evaluation)
        {
            AtomicFile.WriteText($"{stem}-structures.csv", CsvTables.Structures(evaluation));
            AtomicFile.WriteText($"{stem}-cases.csv", CsvTables.Cases(evaluation));
        }
        AtomicFile.WriteText($"{stem}.md", MarkdownPage.Of(content));
        // Last, so that a page never exists without its files.
        AtomicFile.WriteText(path, HtmlPage.Draw(content, views).Source);
    }

    private static string Data(RunManifest run)
    {
        int Cases(Split split) => run.Cases.GetValueOrDefault(split)?.Count ?? 0;
        return $"Dataset {run.Data}: {Cases(Split.Train)} training, {Cases(Split.Validation)} validation and {NumberText.Of(Cases(Split.Test), "test case")}; label schema {run.Profile}{Input(run)}";
    }

    private static string Input(RunManifest run) =>
        (run.Channels is { } channels ? $"; channels {string.Join(", ", channels)}" : "")
        + (run.Recipe.Slices > 1 ? $"; {run.Recipe.Slices} neighboring slices each" : "");

    private static void Keep(string path, byte[] picture) =>
        AtomicFile.Write(path, stream => stream.Write(picture));
}
