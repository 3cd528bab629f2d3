using KneeSeg.Rendering;
using KneeSeg.Runs;

namespace KneeSeg.Reports;

/// <summary>
/// The stills that training left at each validation, one after the other: <c>progress.gif</c>. The same stills give the
/// same bytes.
/// </summary>
public static class ProgressAnimation
{
    private const int MostFrames = 100;
    private const int Hundredths = 40;

    /// <summary>Writes it; a run that was never validated has none.</summary>
    /// <param name="run">The run's folder.</param>
    /// <exception cref="ProblemException">
    /// A still is no picture that training wrote (exit 3), or the animation can't be written (exit 6).
    /// </exception>
    public static void Write(RunFolder run)
    {
        string[] stills =
        [
            .. RunLog
                .Read(run.LogFile)
                .Where(epoch => epoch.Validation is not null)
                .Select(epoch => run.Snapshot(epoch.Epoch))
                .Where(File.Exists),
        ];
        if (stills is [])
            return;
        var gif = Gif.Encode(
            Palette.Of(run.Describe().Labels.Count),
            Chosen(stills).Select(Read),
            Hundredths
        );
        AtomicFile.Write(run.Animation, stream => stream.Write(gif));
    }

    // Of many some at equal steps, the first and the last among them.
    private static IEnumerable<string> Chosen(string[] stills) =>
        stills.Length <= MostFrames
            ? stills
            : Enumerable
                .Range(0, MostFrames)
                .Select(i => stills[(int)((long)i * (stills.Length - 1) / (MostFrames - 1))]);

    private static Raster Read(string path)
    {
        try
        {
            return PalettePng.Decode(File.ReadAllBytes(path));
        }
        catch (InvalidDataException e)
        {
            throw new ProblemException(
                ExitCode.Data,
                path,
                $"{e.Message}, as training writes it",
                "Take the file away, or from a copy of the run folder",
                e
            );
        }
    }
}
