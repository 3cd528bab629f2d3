using KneeSeg.Data.Datasets;
using KneeSeg.Imaging.Files;
using KneeSeg.Reports.Page;
using KneeSeg.Reports.Viewer;

namespace KneeSeg.Experiments;

/// <summary>Writes a page that shows an image, and labels over it.</summary>
public static class ViewJob
{
    /// <summary>Writes the page.</summary>
    /// <param name="image">The image, in any format.</param>
    /// <param name="labels">None, a label volume, or a prediction and its reference.</param>
    /// <param name="profile">The name of their label map; null for that of the dataset or the predictions around them.</param>
    /// <param name="page">The HTML file.</param>
    /// <param name="progress">Receives progress.</param>
    /// <exception cref="ProblemException">
    /// There is no such label map (exit 2), a file can't be read or the grids differ (exit 3), no structure is in both label volumes
    /// (exit 5), this build has no viewer, or the page can't be written (exit 6).
    /// </exception>
    public static void Run(
        string image,
        IReadOnlyList<string> labels,
        string? profile,
        string page,
        IProgressSink progress
    )
    {
        var viewer = ViewerProgram.Find() ?? throw ViewerProgram.Missing;
        progress.Report(new Progress("reading", 0, 1, image));
        var viewed = Read(image, labels, profile is null ? null : LabelSchema.Named(profile));
        progress.Report(new Progress("packing", 0, 1, image));
        AtomicFile.WriteText(page, ViewerPage.Draw(viewed, viewer));
    }

    private static ViewedCase Read(string image, IReadOnlyList<string> labels, LabelSchema? profile)
    {
        var id = CaseId.Of(image);
        if (labels is [])
            return new(id, VolumeFile.ReadImage(image), []);
        // A label volume alone is its own reference.
        var (cases, schema, _) = EvaluationJob.Match(labels[0], labels[^1], profile);
        var volumes = cases[0].Volumes(image, schema.Labels);
        return labels.Count == 1
            ? ViewedCase.Of(id, volumes.Image, schema.Labels, volumes.Prediction)
            : ViewedCase.Of(id, volumes, schema.Labels);
    }
}
