using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Inference.Files;
using static System.FormattableString;

namespace KneeSeg.Inference;

/// <summary>An estimate of time and memory, printed before predicting.</summary>
/// <param name="Images">The number of images.</param>
/// <param name="Network">The network's name.</param>
/// <param name="Windows">The windows, in words.</param>
/// <param name="Seconds">For all images.</param>
/// <param name="Peak">Peak memory of the process in bytes.</param>
internal sealed record PredictionEstimate(
    int Images,
    string Network,
    string Windows,
    double Seconds,
    long Peak
)
{
    /// <summary>Reads the images' headers and times each network on one window.</summary>
    /// <param name="predictor">The networks.</param>
    /// <param name="inputs">The images that remain to be predicted.</param>
    /// <param name="output">The requested outputs.</param>
    /// <returns>Null if no image can be read.</returns>
    /// <exception cref="ProblemException">One needs more memory than is available (exit 6).</exception>
    public static PredictionEstimate? Of(
        Predictor predictor,
        IReadOnlyList<PredictionInput> inputs,
        PredictionOutput output
    )
    {
        Grid[] grids = [.. inputs.Select(GridOf).OfType<Grid>()];
        if (grids is [])
            return null;
        var pace = predictor.SecondsPerVoxel();
        var before = Environment.WorkingSet;
        var (seconds, peak, windows) = (0.0, 0L, "");
        foreach (var grid in grids)
        {
            var estimate = predictor.EstimateWindows(grid, output);
            seconds += estimate.InputVoxels.Zip(pace, (voxels, each) => voxels * each).Sum();
            if (estimate.Bytes > peak)
                (peak, windows) = (estimate.Bytes, estimate.Windows);
        }
        return new(grids.Length, predictor.Source.Network, windows, seconds, before + peak);
    }

    /// <summary>Prints the estimate in one line.</summary>
    public void Report(IProgressSink progress) =>
        progress.Say(
            $"{Images} {(Images == 1 ? "image" : "images")} by {Network} in {Windows}: about {Time}, at most {ByteSize.Of(Peak)} of memory"
        );

    private string Time =>
        Seconds < 90
            ? Invariant($"{Math.Max(1, Seconds):0} s")
            : Invariant($"{Seconds / 60:0} min");

    // Unreadable images are reported when they are predicted.
    private static Grid? GridOf(PredictionInput input)
    {
        try
        {
            return VolumeFile.ReadGrid(input.Image, input.Spacing);
        }
        catch (ProblemException e) when (e.Exit == ExitCode.Data)
        {
            return null;
        }
    }
}
