using KneeSeg.Data.Preprocessing;
using KneeSeg.Evaluation;
using KneeSeg.Imaging;
using KneeSeg.Runs;

namespace KneeSeg.Inference.Quality;

/// <summary>Measures the structures of training cases.</summary>
public static class TrainingStructures
{
    // Enough for a standard deviation to a tenth; the measures of a large case take a second.
    private const int MostCases = 48;

    /// <summary>The structures of at most 48 cases, evenly spread over all that are wholly annotated.</summary>
    /// <param name="cases">The training cases.</param>
    /// <param name="labels">Names in label order, background first.</param>
    /// <returns>Those that occur; null where no case is wholly annotated.</returns>
    public static IReadOnlyList<StructureStatistics>? Of(
        IReadOnlyList<PreprocessedCase> cases,
        IReadOnlyList<string> labels
    )
    {
        PreprocessedCase[] whole = [.. cases.Where(one => one.Annotated == one.Labels.Length)];
        var count = Math.Min(MostCases, whole.Length);
        if (count == 0)
            return null;
        PreprocessedCase[] chosen =
        [
            .. Enumerable.Range(0, count).Select(i => whole[(int)((long)i * whole.Length / count)]),
        ];
        var volumes = Array.ConvertAll(chosen, one => Measure(one, labels));
        return
        [
            .. labels
                .Skip(1)
                .SelectMany(
                    (name, i) =>
                        Statistics(
                            name,
                            // What a case's source does not label is unknown, not absent.
                            [
                                .. chosen
                                    .Zip(volumes)
                                    .Where(one => one.First.Groups?.Distinguish(i + 1) != false)
                                    .Select(one => one.Second[i]),
                            ]
                        )
                ),
        ];
    }

    private static StructureMeasures?[] Measure(PreprocessedCase one, IReadOnlyList<string> labels)
    {
        var volume = new Volume<byte>(one.Grid, one.Labels.ToArray());
        return
        [
            .. labels
                .Skip(1)
                .Select((name, i) => StructureMeasures.Of(volume, (byte)(i + 1), name)),
        ];
    }

    private static IEnumerable<StructureStatistics> Statistics(
        string name,
        StructureMeasures?[] volumes
    )
    {
        StructureMeasures[] found = [.. volumes.OfType<StructureMeasures>()];
        if (found is [])
            yield break;
        yield return new(
            name,
            (double)found.Length / volumes.Length,
            MeasureDistribution.Of([.. found.Select(one => one.Volume)])!,
            MeasureDistribution.Of([.. found.Select(one => one.LargestPart)])!,
            MeasureDistribution.Of([.. found.Select(one => one.Thickness).OfType<double>()])
        );
    }
}
