using KneeSeg.Evaluation;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Inference.Files;
using KneeSeg.Reports.Tables;

namespace KneeSeg.Experiments;

/// <summary>Measures maps, such as T2, within the labels of cases.</summary>
public static class MapJob
{
    /// <summary>Refuses, before any work, maps that are missing or damaged.</summary>
    /// <exception cref="ProblemException">A map's header can't be read (exit 3).</exception>
    public static void Check(IEnumerable<PredictionInput> inputs)
    {
        foreach (var input in inputs)
        foreach (var map in input.Maps.Values)
            VolumeFile.ReadGrid(map, input.Spacing);
    }

    /// <summary>Measures the maps of predicted images in their labels, and writes the results into the folder.</summary>
    /// <param name="folder">The folder of predictions.</param>
    /// <param name="inputs">The images; those without maps or labels take no part.</param>
    /// <param name="progress">Receives progress.</param>
    /// <returns>Null if no image has a map.</returns>
    /// <exception cref="ProblemException">A map can't be read or lies elsewhere (exit 3); a file can't be written (exit 6).</exception>
    public static MapReport? Predicted(
        string folder,
        IEnumerable<PredictionInput> inputs,
        IProgressSink progress
    )
    {
        var files = PredictionFolder.LabelFiles(folder);
        var names = PredictionFolder.ProfileOf(folder)?.Labels ?? [];
        var report = Run(
            names,
            [
                .. inputs
                    .Where(input => files.ContainsKey(input.Id))
                    .Select(input => new MappedLabels(
                        input.Id,
                        input.Maps,
                        input.Spacing,
                        () =>
                            (
                                null,
                                VolumeFile.ReadLabels(files[input.Id], input.Spacing, names: names)
                            )
                    )),
            ],
            folder,
            progress
        );
        report?.Save(Path.Combine(folder, MapReport.FileName));
        return report;
    }

    /// <summary>Measures maps in labels.</summary>
    /// <param name="names">The names by label, the background's first.</param>
    /// <param name="cases">The cases.</param>
    /// <param name="folder">The folder for <c>maps.csv</c> and <c>maps-histograms.csv</c>; null writes nothing.</param>
    /// <param name="progress">Receives progress and warnings.</param>
    internal static MapReport? Run(
        IReadOnlyList<string> names,
        IReadOnlyList<MappedLabels> cases,
        string? folder,
        IProgressSink progress
    )
    {
        MappedLabels[] mapped = [.. cases.Where(one => one.Maps.Count > 0)];
        if (mapped is [])
            return null;
        SortedDictionary<string, HistogramBins> bins = new(StringComparer.Ordinal);
        List<CaseMap> measured = [];
        ProblemException? first = null;
        foreach (var (done, one) in mapped.Index())
        {
            progress.Report(new Progress("measuring maps", done, mapped.Length, one.Id));
            var (reference, prediction) = one.Read();
            foreach (var (name, path) in one.Maps)
                try
                {
                    var map = VolumeFile.ReadImage(path, one.Spacing);
                    CheckPlace(path, map.Grid, prediction.Grid, progress);
                    if (reference is not null)
                        Measure("reference", reference);
                    Measure("prediction", prediction);

                    void Measure(string kind, Volume<byte> labels)
                    {
                        var found = MapMeasurement.Of(
                            labels,
                            reference ?? prediction,
                            map,
                            names,
                            bins.GetValueOrDefault(name)
                        );
                        bins.TryAdd(name, found.Bins);
                        measured.Add(new(one.Id, name, kind, found.Structures));
                    }
                }
                catch (ProblemException e) when (e.Exit == ExitCode.Data)
                {
                    first ??= e;
                    progress.Say($"{one.Id}: {e.Where}: {e.What}; the map {name} is left out");
                }
        }
        if (measured is [] && first is not null)
            throw first;
        MapReport report = new(1, bins, measured);
        if (folder is not null)
        {
            AtomicFile.WriteText(Path.Combine(folder, "maps.csv"), MapTables.Statistics(report));
            AtomicFile.WriteText(
                Path.Combine(folder, "maps-histograms.csv"),
                MapTables.Histograms(report)
            );
        }
        return report;
    }

    private static void CheckPlace(string path, Grid map, Grid labels, IProgressSink progress)
    {
        var middle = map.Affine.Inverse().Apply(labels.Center);
        bool Within(double index, int size) => index > -0.5 && index < size - 0.5;
        if (
            !Within(middle.X, map.Size.X)
            || !Within(middle.Y, map.Size.Y)
            || !Within(middle.Z, map.Size.Z)
        )
            throw new ProblemException(
                ExitCode.Data,
                path,
                "it does not reach the middle of its image",
                "Pass the map of the same knee, in the same space as the image"
            );
        var turned = AxisOrder.Nearest(map.Affine, labels.Affine).Apply(map);
        if (labels.Difference(turned) is { } difference)
            progress.Say(
                $"{path}: its grid {difference}, unlike the labels; each labeled voxel takes the map's nearest voxel"
            );
    }
}

/// <summary>The labels of a case that has maps.</summary>
/// <param name="Id">The case.</param>
/// <param name="Maps">The maps' files by name.</param>
/// <param name="Spacing">For files without a spacing.</param>
/// <param name="Read">Reads the reference, if there is one, and the predicted labels on its grid.</param>
internal sealed record MappedLabels(
    string Id,
    IReadOnlyDictionary<string, string> Maps,
    ModelSpacing? Spacing,
    Func<(Volume<byte>? Reference, Volume<byte> Prediction)> Read
);
