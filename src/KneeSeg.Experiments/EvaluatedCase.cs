using System.Collections.ObjectModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using KneeSeg.Evaluation;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Rendering;
using KneeSeg.Reports.Content;

namespace KneeSeg.Experiments;

/// <summary>
/// The files of an evaluated case, saved next to <c>evaluation.json</c> so that a report can show the case.
/// </summary>
/// <param name="Id">The case.</param>
/// <param name="Image">Its image; null if only labels were given.</param>
/// <param name="Reference">Its reference labels.</param>
/// <param name="Prediction">Its predicted labels.</param>
/// <param name="Spacing">For files without a spacing.</param>
/// <param name="Binarized">Whether all reference labels count as label 1.</param>
/// <param name="Ignore">The label of voxels that are not annotated; null if all are.</param>
internal sealed record EvaluatedCase(
    string Id,
    string? Image,
    string Reference,
    string Prediction,
    ModelSpacing? Spacing,
    [property: JsonPropertyName("oneTissue")] bool Binarized = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] byte? Ignore = null
)
{
    /// <summary>How the reference is numbered and what it means; null where the labels' own order says so.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LabelSource? Source { get; init; }

    /// <summary>How the prediction is numbered; null where the labels' own order says so.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LabelSource? Predicted { get; init; }

    private const string FileName = "evaluation-files.json";

    /// <summary>Maps to measure within its labels: their paths by name.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, string> Maps { get; init; } =
        ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The pair to evaluate.</summary>
    public EvaluationPair Pair =>
        new(Id, Reference, Prediction, Spacing, Binarized, Ignore)
        {
            Source = Source,
            Predicted = Predicted,
        };

    /// <summary>Writes a list into a folder, with paths relative to it.</summary>
    /// <exception cref="ProblemException">The folder cannot be written (exit 6).</exception>
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
                JsonStyle.Indented
            )
        );
    }

    /// <summary>Reads a folder's list; empty if there is none.</summary>
    public static IReadOnlyList<EvaluatedCase> Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return [];
        string At(string relative) => Path.Combine(folder, relative);
        try
        {
            var cases =
                JsonSerializer.Deserialize<EvaluatedCase[]>(
                    File.ReadAllText(path),
                    JsonStyle.Indented
                ) ?? [];
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
                "cannot be read",
                "Run kneeseg evaluate again",
                e
            );
        }
    }

    /// <summary>The case for a report, on the image's grid; null if its image is unknown or a file is missing.</summary>
    /// <param name="labels">The schema's names, for files that name their segments.</param>
    public CasePicture? Picture(IReadOnlyList<string>? labels = null) =>
        Image is { } image && new[] { image, Reference, Prediction }.All(VolumeFile.Exists)
            ? new CasePicture(Id, () => Volumes(image, labels))
            : null;

    /// <summary>Its volumes, on an image's grid.</summary>
    /// <param name="path">The image.</param>
    /// <param name="labels">The schema's names, for files that name their segments.</param>
    /// <exception cref="ProblemException">A file can't be read, or has another grid (exit 3).</exception>
    public CaseVolumes Volumes(string path, IReadOnlyList<string>? labels)
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
