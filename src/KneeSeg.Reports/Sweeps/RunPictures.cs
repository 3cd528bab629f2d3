using KneeSeg.Runs;

namespace KneeSeg.Reports.Sweeps;

/// <summary>The images and links that a sweep's page shows for a run.</summary>
/// <param name="Still">The snapshot of its last validation, a PNG; null if there is none.</param>
/// <param name="Files">Its report and animations, as paths from the page's folder with <c>/</c>.</param>
public sealed record RunPictures(byte[]? Still, IReadOnlyList<string> Files)
{
    /// <summary>For a run without any.</summary>
    public static RunPictures None { get; } = new(null, []);

    /// <summary>Those in a run's folder.</summary>
    /// <param name="folder">The page's folder.</param>
    /// <param name="run">The run.</param>
    /// <param name="epochs">Its log.</param>
    public static RunPictures Of(string folder, RunFolder run, IReadOnlyList<EpochRecord> epochs)
    {
        if (!Directory.Exists(run.Root))
            return None;
        var still = epochs.Select(epoch => run.Snapshot(epoch.Epoch)).LastOrDefault(File.Exists);
        string[] files =
        [
            run.Report,
            run.Animation,
            .. Found("report-*-slices.gif"),
            .. Found("report-*-voxels.png"),
        ];
        return new(
            still is null ? null : File.ReadAllBytes(still),
            [
                .. files
                    .Where(File.Exists)
                    .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/')),
            ]
        );

        IEnumerable<string> Found(string pattern) =>
            Directory.GetFiles(run.Root, pattern).Order(StringComparer.Ordinal);
    }
}
