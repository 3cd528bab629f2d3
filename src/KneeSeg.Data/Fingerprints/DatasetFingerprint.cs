using System.Text.Json;
using System.Text.Json.Serialization;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Imaging;

namespace KneeSeg.Data.Fingerprints;

/// <summary>
/// What a plan needs to know of a dataset. Voxels of test cases are not read, only their headers. Each case is measured once and
/// kept beside the preprocessed cases, by the content of its files.
/// </summary>
/// <param name="Name">The dataset.</param>
/// <param name="Labels">Its labels, the background first.</param>
/// <param name="Channels">The names of its channels; empty for one without a name.</param>
/// <param name="Cases">In the dataset's order.</param>
public sealed record DatasetFingerprint(
    string Name,
    IReadOnlyList<string> Labels,
    IReadOnlyList<string> Channels,
    IReadOnlyList<CaseFingerprint> Cases
)
{
    // Increment when the measurements change.
    private const string Version = "fingerprint 1";

    // A case as floats, its labels, and the runs of a structure along three axes.
    private const int BytesPerVoxel = 32;

    private static readonly JsonSerializerOptions Style = new(JsonStyle.Indented)
    {
        Converters =
        {
            new ModelSizeJson(),
            new ModelSpacingJson(),
            new JsonStringEnumConverter<Split>(JsonNamingPolicy.CamelCase),
        },
    };

    /// <summary>The cases of a split.</summary>
    public IEnumerable<CaseFingerprint> In(Split split) => Cases.Where(one => one.Split == split);

    /// <summary>Measures a dataset, several cases at a time.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="progress">Called before each case, on any thread but never twice at once.</param>
    /// <param name="cancel">Stops between cases.</param>
    /// <exception cref="ProblemException">There is no training case, or a case can't be read (exit 3).</exception>
    public static DatasetFingerprint Read(
        Dataset dataset,
        Action<CaseProgress>? progress = null,
        CancellationToken cancel = default
    )
    {
        // The error of training, before anything is read.
        _ = Preprocessor.SpacingFor(dataset);
        var cases = new CaseFingerprint[dataset.Cases.Count];
        var (started, counting) = (0, new Lock());
        try
        {
            Parallel.For(
                0,
                cases.Length,
                new ParallelOptions
                {
                    CancellationToken = cancel,
                    MaxDegreeOfParallelism = AtOnce(dataset),
                },
                i =>
                {
                    lock (counting)
                        progress?.Invoke(new(started++, cases.Length, dataset.Cases[i].Id));
                    cases[i] =
                        dataset.Cases[i].Split == Split.Test
                            ? CaseFingerprint.OfHeader(dataset.Cases[i])
                            : Measured(dataset.Cases[i], dataset.Profile);
                }
            );
        }
        catch (AggregateException e)
            when (e.InnerExceptions.OfType<ProblemException>().FirstOrDefault() is { } problem)
        {
            throw new ProblemException(
                problem.Exit,
                problem.Where,
                problem.What,
                problem.Fix,
                problem
            );
        }
        return new(dataset.Name, dataset.Profile.Labels, dataset.Channels, cases);
    }

    /// <summary>The fingerprint as JSON; sizes and spacings are [depth, height, width].</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Style);

    private static int AtOnce(Dataset dataset)
    {
        var largest = dataset.Cases.Max(one => one.ReadGrid().Size.Count * one.Images.Count);
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;
        return (int)Math.Clamp(memory / (BytesPerVoxel * largest), 1, Environment.ProcessorCount);
    }

    private static CaseFingerprint Measured(DatasetCase dataCase, LabelSchema profile)
    {
        var path =
            PreprocessedCache.Default?.Beside("fingerprints") is { } folder
            && CaseKey.Of(dataCase, profile, Version) is { } key
                ? Path.Combine(folder, $"{key}.json")
                : null;
        // Cases with the same files may be called otherwise.
        if (Kept(path) is { } kept)
            return kept with
            {
                Id = dataCase.Id,
                Subject = dataCase.Subject,
                Split = dataCase.Split,
            };
        var measured = CaseFingerprint.Read(dataCase, profile);
        Keep(path, measured);
        return measured;
    }

    private static CaseFingerprint? Kept(string? path)
    {
        try
        {
            return File.Exists(path)
                ? JsonSerializer.Deserialize<CaseFingerprint>(File.ReadAllText(path), Style)
                : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // A cache that can't be written is not an error.
    private static void Keep(string? path, CaseFingerprint measured)
    {
        if (path is null)
            return;
        try
        {
            AtomicFile.WriteText(path, JsonSerializer.Serialize(measured, Style));
        }
        catch (ProblemException) { }
    }
}
