using KneeSeg.Data.Datasets;
using KneeSeg.Imaging.Files;
using KneeSeg.Inference;
using KneeSeg.Runs;

namespace KneeSeg.Experiments;

/// <summary>What one shard of as many as possible does: a run of a sweep, a fold, or an image to predict.</summary>
/// <param name="Name">Its run folder within the output folder; of a prediction, its cases.</param>
/// <param name="IsDone">Whether nothing is left of it.</param>
/// <param name="Bytes">Its peak memory, without the program's own.</param>
/// <param name="Seconds">The time left, from steps that were measured; null if there are none.</param>
public sealed record WorkUnit(string Name, bool IsDone, long Bytes, double? Seconds = null)
{
    // Image, preprocessed image, labels and sums of probabilities; see PredictionPlan.
    private const long BytesPerVoxel = 48;

    // Most clusters take a thousand tasks at once, and each start takes seconds.
    private const int MostPredictions = 1000;

    /// <summary>The images to predict; empty for a run.</summary>
    public IReadOnlyList<string> Cases { get; init; } = [];

    /// <summary>The units of a prediction: one image each, or several of more than a thousand.</summary>
    /// <param name="forecast">The images.</param>
    public static IReadOnlyList<WorkUnit> Of(PredictionForecast forecast)
    {
        var count = Math.Min(forecast.Cases.Count, MostPredictions);
        return [.. Enumerable.Range(1, count).Select(i => Of(new Shard(i, count), forecast))];
    }

    private static WorkUnit Of(Shard shard, PredictionForecast forecast)
    {
        string[] own = [.. forecast.Cases.Where((_, i) => shard.Has(i))];
        return new(
            own is [var one] ? one : $"{own[0]} and {own.Length - 1} more",
            !own.Any(forecast.Left.Contains),
            forecast.Bytes
        )
        {
            Cases = own,
        };
    }

    /// <summary>Whether all epochs of a run are in its log.</summary>
    internal static bool IsTrained(string run) =>
        RunFolder.At(run) is var there
        && File.Exists(there.RunFile)
        && RunLog.Read(there.LogFile) is [.., var last]
        && last.Step >= there.Describe().Recipe.Steps;

    /// <summary>What predicting and evaluating an image of so many voxels takes.</summary>
    internal static long BytesOf(long voxels) => BytesPerVoxel * voxels;

    /// <summary>The voxels of a dataset's largest image.</summary>
    internal static long LargestImage(Dataset dataset) =>
        dataset.Cases.Select(Voxels).DefaultIfEmpty().Max();

    private static long Voxels(DatasetCase one)
    {
        try
        {
            return VolumeFile.ReadGrid(one.Image, one.Spacing).Size.Count;
        }
        // Training reports it.
        catch (ProblemException e) when (e.Exit == ExitCode.Data)
        {
            return 0;
        }
    }
}
