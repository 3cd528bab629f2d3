using KneeSeg.Imaging;
using static System.FormattableString;

namespace KneeSeg.Inference;

/// <summary>What predicting images will take, said before the first one.</summary>
/// <param name="Images">How many.</param>
/// <param name="Network">By what.</param>
/// <param name="Windows">How they are gone over.</param>
/// <param name="Seconds">For all of them.</param>
/// <param name="Peak">Bytes of the whole program at the most.</param>
internal sealed record PredictionEstimate(
    int Images,
    string Network,
    string Windows,
    double Seconds,
    long Peak
)
{
    /// <summary>Looks at the images' headers, and runs each network once to see how fast it is.</summary>
    /// <param name="predictor">The networks.</param>
    /// <param name="inputs">Those that are still to be predicted.</param>
    /// <param name="output">What is written.</param>
    /// <returns>Null where no image can be read.</returns>
    /// <exception cref="ProblemException">One takes more memory than there is (exit 6).</exception>
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
            var footprint = predictor.EstimateWindows(grid, output);
            seconds += footprint.VoxelsSeen.Zip(pace, (voxels, each) => voxels * each).Sum();
            if (footprint.Bytes > peak)
                (peak, windows) = (footprint.Bytes, footprint.Windows);
        }
        return new(grids.Length, predictor.Source.Network, windows, seconds, before + peak);
    }

    /// <summary>In one line.</summary>
    public void Say(IProgressSink progress) =>
        progress.Say(
            $"{Images} {(Images == 1 ? "image" : "images")} by {Network} in {Windows}: about {Time}, at most {ByteSize.Of(Peak)} of memory"
        );

    private string Time =>
        Seconds < 90
            ? Invariant($"{Math.Max(1, Seconds):0} s")
            : Invariant($"{Seconds / 60:0} min");

    // What can't be read is a problem when its turn comes.
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
