using System.Text.Json.Serialization;
using KneeSeg.Imaging;
using KneeSeg.Morphometry;

namespace KneeSeg.Evaluation;

/// <summary>
/// The metrics of one label of one case. Undefined metrics are null: all if the label is in neither volume, distances if it
/// is in only one; Dice, IoU and surface Dice are then 0.
/// </summary>
/// <param name="Label">Its number.</param>
/// <param name="Name">Its name in the profile.</param>
/// <param name="Dice">2|g∩p| / (|g| + |p|).</param>
/// <param name="Iou">|g∩p| / |g∪p|.</param>
/// <param name="Voe">The volumetric overlap error, 1 - IoU.</param>
/// <param name="Sensitivity">|g∩p| / |g|.</param>
/// <param name="Precision">|g∩p| / |p|.</param>
/// <param name="Assd">The average symmetric surface distance in mm, over the border voxels of both.</param>
/// <param name="Hd">The Hausdorff distance in mm.</param>
/// <param name="Hd95">The larger of the two directed 95th percentiles of surface distance in mm, as in MONAI.</param>
/// <param name="Nsd">Surface Dice: the fraction of border voxels of both within a tolerance of the other's border.</param>
/// <param name="VolumeDifference">(|p| - |g|) / |g|.</param>
/// <param name="Missed">Whether it is in the reference only.</param>
/// <param name="Spurious">Whether it is spurious: in the prediction only.</param>
/// <param name="Hd95Pooled">The 95th percentile of both directions' pooled distances in mm, as in medpy.</param>
public sealed record LabelMetrics(
    int Label,
    string Name,
    double? Dice,
    double? Iou,
    double? Voe,
    double? Sensitivity,
    double? Precision,
    double? Assd,
    double? Hd,
    double? Hd95,
    ToleranceValues<double?> Nsd,
    double? VolumeDifference,
    bool Missed,
    [property: JsonPropertyName("invented")] bool Spurious,
    double? Hd95Pooled = null
)
{
    /// <summary>
    /// Whether both have it without a common voxel. Distances are defined.
    /// </summary>
    public bool Misplaced => Dice == 0 && !Missed && !Spurious;

    /// <summary>The thickness of a cartilage, also by region; null for other structures and if not in the reference.</summary>
    [JsonPropertyName("sheet")]
    public PlateComparison? Thickness { get; init; }

    /// <summary>The morphometry of a cartilage plate; null for other structures and if not in the reference.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MorphometryPair? Morphometry { get; init; }

    /// <summary>The mean thickness of a cartilage in mm along the normal of its bone interface, in the reference.</summary>
    public double? ThicknessReference => Thickness?.Normal.Reference;

    /// <summary>The same in the prediction.</summary>
    public double? ThicknessPrediction => Thickness?.Normal.Prediction;

    /// <summary>Whether the reference's source does not label it: nothing is measured.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Unlabeled { get; init; }

    /// <summary>A structure that the reference's source does not label.</summary>
    internal static LabelMetrics NotLabeled(int label, string name) =>
        new(
            label,
            name,
            Dice: null,
            Iou: null,
            Voe: null,
            Sensitivity: null,
            Precision: null,
            Assd: null,
            Hd: null,
            Hd95: null,
            Nsd: new(null, null, null),
            VolumeDifference: null,
            Missed: false,
            Spurious: false
        )
        {
            Unlabeled = true,
        };

    /// <summary>The same with the thickness and morphometry of a plate.</summary>
    /// <param name="known">The reference's plate; null if there is none.</param>
    /// <param name="found">The predicted one.</param>
    internal LabelMetrics OfPlate(Plate? known, Plate? found) =>
        Unlabeled || known is null || found is null
            ? this
            : this with
            {
                Thickness = PlateComparison.Of(known, found),
                Morphometry = new(known.Measure(), found.Measure()),
            };

    /// <summary>Measures a structure.</summary>
    /// <param name="label">Its number.</param>
    /// <param name="name">Its name.</param>
    /// <param name="overlap">Its voxels.</param>
    /// <param name="pair">Its masks.</param>
    internal static LabelMetrics Of(int label, string name, Overlap overlap, MaskPair pair)
    {
        var (reference, prediction) = (overlap.Reference, overlap.Prediction);
        var distances = reference > 0 && prediction > 0 ? new SurfaceDistances(pair) : null;
        var iou = Ratio(overlap.Intersection, overlap.Union);
        return new(
            label,
            name,
            Dice: overlap.Dice,
            Iou: iou,
            Voe: 1 - iou,
            Sensitivity: Ratio(overlap.Intersection, reference),
            Precision: Ratio(overlap.Intersection, prediction),
            Assd: distances?.Average,
            Hd: distances?.Farthest,
            Hd95: distances?.At(95),
            Nsd: ToleranceValues<double?>.From(t =>
                distances?.ShareWithin(t) ?? (overlap.Union > 0 ? 0 : null)
            ),
            VolumeDifference: Ratio(prediction - reference, reference),
            Missed: reference > 0 && prediction == 0,
            Spurious: reference == 0 && prediction > 0,
            Hd95Pooled: distances?.PooledAt(95)
        );
    }

    private static double? Ratio(long part, long whole) => whole > 0 ? (double)part / whole : null;
}

/// <summary>The morphometry of a cartilage plate in reference and prediction.</summary>
/// <param name="Reference">Of the reference.</param>
/// <param name="Prediction">Of the prediction, with the reference's regions.</param>
public sealed record MorphometryPair(PlateMorphometry Reference, PlateMorphometry Prediction);

/// <summary>A value for each tolerance of surface Dice, in mm.</summary>
/// <param name="Half">At 0.5 mm.</param>
/// <param name="One">At 1 mm.</param>
/// <param name="Two">At 2 mm.</param>
public sealed record ToleranceValues<T>(
    [property: JsonPropertyName("0.5")] T Half,
    [property: JsonPropertyName("1.0")] T One,
    [property: JsonPropertyName("2.0")] T Two
)
{
    /// <summary>One value from each tolerance.</summary>
    internal static ToleranceValues<T> From(Func<double, T> value) =>
        new(value(0.5), value(1), value(2));
}
