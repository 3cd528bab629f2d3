using KneeSeg.Rendering;
using KneeSeg.Runs;

namespace KneeSeg.Reports;

/// <summary>
/// An animation of the snapshots that training writes at each validation: <c>progress.gif</c>. The same snapshots give
/// the same bytes.
/// </summary>
public static class ProgressAnimation
{
    private const int MostFrames = 100;
    private const int Hundredths = 40;

    /// <summary>Writes it; a run without validation has none.</summary>
    /// <param name="run">The run folder.</param>
    /// <exception cref="ProblemException">
    /// A snapshot is not an image that training wrote (exit 3), or the animation cannot be written (exit 6).
    /// </exception>
    public static void Write(RunFolder run)
    {
        string[] snapshots =
        [
            .. RunLog
                .Read(run.LogFile)
                .Where(epoch => epoch.Validation is not null)
                .Select(epoch => run.Snapshot(epoch.Epoch))
                .Where(File.Exists),
        ];
        if (snapshots is [])
            return;
        var gif = Gif.Encode(
            Palette.Of(run.Describe().Labels.Count),
            Chosen(snapshots).Select(Read),
            Hundredths
        );
        AtomicFile.Write(run.Animation, stream => stream.Write(gif));
    }

    // At most so many, evenly spaced, including the first and the last.
    private static IEnumerable<string> Chosen(string[] snapshots) =>
        snapshots.Length <= MostFrames
            ? snapshots
            : Enumerable
                .Range(0, MostFrames)
                .Select(i => snapshots[(int)((long)i * (snapshots.Length - 1) / (MostFrames - 1))]);

    private static Raster Read(string path)
    {
        try
        {
            return Png.Decode(File.ReadAllBytes(path));
        }
        catch (InvalidDataException e)
        {
            throw new ProblemException(
                ExitCode.Data,
                path,
                $"not a snapshot that training wrote: {e.Message}",
                "Delete the file, or restore it from a backup of the run folder",
                e
            );
        }
    }
}
