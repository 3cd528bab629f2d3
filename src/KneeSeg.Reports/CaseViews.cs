namespace KneeSeg.Reports;

/// <summary>What shows a whole case at once: a flight through its slices, and truth and prediction as bodies.</summary>
/// <param name="Stem">What their files' names begin with.</param>
/// <param name="Slices">An animated GIF, of <see cref="FlyThrough"/>.</param>
/// <param name="Voxels">A PNG, of <see cref="VoxelPicture"/>.</param>
internal sealed record CaseViews(string Stem, byte[] Slices, byte[] Voxels)
{
    /// <summary>Of the cases that the report shows as a whole, by id.</summary>
    /// <param name="content">What is reported.</param>
    /// <param name="page">The page's name without its extension.</param>
    /// <param name="progress">Hears how far it is.</param>
    public static IReadOnlyDictionary<string, CaseViews> Of(
        ReportContent content,
        string page,
        IProgressSink progress
    )
    {
        Dictionary<string, CaseViews> views = [];
        var cases = GallerySection.Whole(content);
        foreach (var (i, picture) in cases.Index())
        {
            progress.Report(new Progress("drawing", i, cases.Count, picture.Id));
            views[picture.Id] = Of($"{page}-{picture.Id}", picture.Load(), content.Labels.Count);
        }
        return views;
    }

    /// <summary>The animation's file, beside the page.</summary>
    public string SlicesFile => $"{Stem}-slices.gif";

    /// <summary>The bodies' file, beside the page.</summary>
    public string VoxelsFile => $"{Stem}-voxels.png";

    private static CaseViews Of(string stem, CaseVolumes volumes, int labels) =>
        new(
            stem,
            FlyThrough.Draw(volumes, labels),
            Png.Encode(VoxelPicture.Draw(volumes.Reference, volumes.Prediction))
        );
}
