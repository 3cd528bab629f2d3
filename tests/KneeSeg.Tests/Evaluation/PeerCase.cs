using System.Text.Json;
using static KneeSeg.Tests.Evaluation.Masks;

namespace KneeSeg.Tests.Evaluation;

/// <summary>
/// Two masks, and what MONAI's and medpy's own code measure on them: bench/peers/metrics_reference.py wrote
/// <c>peers.json</c> from the same formulas.
/// </summary>
public sealed record PeerCase(string Name, int[] Voxels, MonaiMetrics Monai, MedpyMetrics Medpy)
{
    private static readonly Func<int, int, int, bool> Nothing = (_, _, _) => false;

    private static readonly Dictionary<
        string,
        (Func<int, int, int, bool> Reference, Func<int, int, int, bool> Prediction)
    > Masks = new()
    {
        ["identical"] = (Ball(11, 9, 7, 2.5), Ball(11, 9, 7, 2.5)),
        ["shifted"] = (Ball(11, 9, 7, 2.5), Ball(12, 10, 7, 2.3)),
        ["disjoint"] = (Ball(5, 5, 4, 1.2), Ball(17, 14, 11, 1.5)),
        ["empty reference"] = (Nothing, Ball(8, 8, 8, 2)),
        ["empty prediction"] = (Ball(8, 8, 8, 2), Nothing),
        ["both empty"] = (Nothing, Nothing),
        ["single voxels"] = (Box(3, 4, 3, 4, 3, 4), Box(9, 10, 8, 9, 5, 6)),
        ["shells"] = (Shell(11, 9, 7, 3.0, 1.5), Shell(11, 9, 7, 3.3, 2.0)),
        ["speck"] = (
            Ball(8, 8, 6, 2.0),
            (i, j, k) => Ball(8, 8, 6, 2.0)(i, j, k) || (i, j, k) == (23, 19, 15)
        ),
        ["edge"] = (Box(0, 24, 0, 5, 0, 16), Box(0, 22, 0, 7, 0, 15)),
        ["noise"] = (Noise(97, 30), Noise(89, 24)),
        ["whole volume"] = (Box(0, 24, 0, 20, 0, 16), Ball(11, 9, 7, 3)),
        ["thin sheets"] = (Box(3, 21, 8, 9, 2, 14), Box(3, 21, 10, 12, 2, 14)),
        ["half missed"] = (
            (i, j, k) => Ball(5, 5, 5, 1.5)(i, j, k) || Ball(17, 13, 11, 1.5)(i, j, k),
            Ball(5, 5, 5, 1.5)
        ),
    };

    public Func<int, int, int, bool> Reference => Masks[Name].Reference;

    public Func<int, int, int, bool> Prediction => Masks[Name].Prediction;

    /// <summary>Whether distances are defined.</summary>
    public bool BothThere => Voxels is [> 0, > 0];

    public static IReadOnlyList<PeerCase> All { get; } =
        JsonSerializer.Deserialize<PeerCase[]>(
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Evaluation", "peers.json")),
            JsonSerializerOptions.Web
        )!;
}

/// <summary>In float32, hence to six digits.</summary>
public sealed record MonaiMetrics(
    double? Dice,
    double? Iou,
    double? Hd,
    double? Hd95,
    double? Assd,
    double?[] Nsd
);

/// <summary>Null where medpy refuses an empty mask.</summary>
public sealed record MedpyMetrics(
    double? Dice,
    double? Iou,
    double? Sensitivity,
    double? Precision,
    double? VolumeDifference,
    double? Hd,
    double? Hd95Pooled,
    double? Assd
);
