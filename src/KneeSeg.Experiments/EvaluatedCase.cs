using System.Text.Json;
using System.Text.Json.Serialization;
using KneeSeg.Evaluation;
using KneeSeg.Imaging;
using KneeSeg.Rendering;
using KneeSeg.Reports;

namespace KneeSeg.Experiments;

/// <summary>
/// The files behind a measured case, kept beside <c>evaluation.json</c> so that a report can show the case.
/// </summary>
/// <param name="Id">The case.</param>
/// <param name="Image">Its image; null where only labels were given.</param>
/// <param name="Reference">Its true labels.</param>
/// <param name="Prediction">What was found.</param>
/// <param name="Spacing">Of files that know none.</param>
/// <param name="OneTissue">Whether all true labels count as label 1.</param>
/// <param name="Ignore">The value of voxels that the true labels do not annotate; null where all are.</param>
public sealed record EvaluatedCase(
    string Id,
    string? Image,
    string Reference,
    string Prediction,
    ModelSpacing? Spacing,
    bool OneTissue = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] byte? Ignore = null
)
{
    private const string FileName = "evaluation-files.json";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
    };

    /// <summary>What is measured of it.</summary>
    internal EvaluationPair Pair => new(Id, Reference, Prediction, Spacing, OneTissue, Ignore);

    /// <summary>Writes a list into a folder, with paths relative to it.</summary>
    /// <exception cref="ProblemException">The folder can't be written (exit 6).</exception>
    public static void Save(string folder, IEnumerable<EvaluatedCase> cases)
    {
        string From(string path) => Path.GetRelativePath(folder, path);
        AtomicFile.WriteText(
            Path.Combine(folder, FileName),
            JsonSerializer.Serialize(
                cases.Select(one =>
                    one with
                    {
                        Image = one.Image is null ? null : From(one.Image),
                        Reference = From(one.Reference),
                        Prediction = From(one.Prediction),
                    }
                ),
                Options
            )
        );
    }

    /// <summary>Reads a folder's list; empty where there is none.</summary>
    public static IReadOnlyList<EvaluatedCase> Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return [];
        string At(string relative) => Path.Combine(folder, relative);
        try
        {
            var cases =
                JsonSerializer.Deserialize<EvaluatedCase[]>(File.ReadAllText(path), Options) ?? [];
            return
            [
                .. cases.Select(one =>
                    one with
                    {
                        Image = one.Image is null ? null : At(one.Image),
                        Reference = At(one.Reference),
                        Prediction = At(one.Prediction),
                    }
                ),
            ];
        }
        catch (JsonException e)
        {
            throw new ProblemException(
                ExitCode.Data,
                path,
                "can't be read",
                "Run evaluate again",
                e
            );
        }
    }

    /// <summary>The case for a report, on the image's grid; null where its image is not known or a file is gone.</summary>
    /// <param name="labels">The profile's names, for files that name their segments.</param>
    public CasePicture? Picture(IReadOnlyList<string>? labels = null) =>
        Image is { } image && new[] { image, Reference, Prediction }.All(VolumeFile.Exists)
            ? new CasePicture(Id, () => Volumes(image, labels))
            : null;

    private CaseVolumes Volumes(string path, IReadOnlyList<string>? labels)
    {
        var image = VolumeFile.ReadImage(path, Spacing);
        var prediction = Placed(Prediction, Pair.ReadPrediction(labels));
        var (reference, compared, _) = AnnotatedPair.Of(
            Placed(Reference, Pair.ReadReference(labels)),
            prediction
        );
        return new(image, reference, prediction) { Compared = compared };

        Volume<byte> Placed(string file, Volume<byte> volume)
        {
            var placed = PlacedLabels.On(image.Grid, volume);
            return placed.Labels ?? throw placed.Problem(file, path)!;
        }
    }
}
