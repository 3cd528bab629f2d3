using KneeSeg.Imaging;

namespace KneeSeg.Data;

/// <summary>
/// What the label values mean. Datasets of knees number the same tissues differently, and nothing in a
/// volume tells which order it has: hence a name that travels with data, checkpoints and predictions.
/// </summary>
/// <param name="Name">Such as <c>iwoai</c>.</param>
/// <param name="Labels">The tissues by label value; value 0 is the background.</param>
public sealed record LabelSchema(string Name, IReadOnlyList<string> Labels)
{
    /// <summary>The most labels that a profile may have: the last byte marks ignored voxels.</summary>
    internal const int MostClasses = LabelValue.Ignored;

    /// <summary>The name that nnU-Net reserves for voxels that are not annotated.</summary>
    internal const string IgnoreName = "ignore";

    /// <summary>The profiles that have a name of their own.</summary>
    public static IReadOnlyList<LabelSchema> Known { get; } =
    [
        // Desai et al. 2021: tibial cartilage begins medially, menisci laterally.
        new(
            "iwoai",
            [
                "background",
                "femoral cartilage",
                "medial tibial cartilage",
                "lateral tibial cartilage",
                "patellar cartilage",
                "lateral meniscus",
                "medial meniscus",
            ]
        ),
        // Desai et al. 2022.
        new(
            "skm-tea",
            [
                "background",
                "patellar cartilage",
                "femoral cartilage",
                "medial tibial cartilage",
                "lateral tibial cartilage",
                "medial meniscus",
                "lateral meniscus",
            ]
        ),
        // Ambellan et al. 2019, with the tibial cartilage divided as in OAIZIB-CM.
        new(
            "oai-zib",
            [
                "background",
                "femur",
                "femoral cartilage",
                "tibia",
                "medial tibial cartilage",
                "lateral tibial cartilage",
            ]
        ),
    ];

    /// <summary>All structures as one, whatever they were: what a network of one map tells from background.</summary>
    public static LabelSchema Binary { get; } = new("one-tissue", ["background", "tissue"]);

    /// <summary>
    /// The value by which files mark voxels that are not annotated; it is no label, and becomes
    /// <see cref="LabelValue.Ignored"/> in memory. Null where every voxel is annotated.
    /// </summary>
    public byte? Ignore { get; init; }

    /// <summary>How many labels there are, background included; at most <see cref="MostClasses"/>.</summary>
    public int Classes => Labels.Count;

    /// <summary>The profile of a name, or null.</summary>
    public static LabelSchema? Find(string name) =>
        Known.FirstOrDefault(profile => profile.Name == name);

    /// <summary>Whether a name is nnU-Net's reserved one, in whatever letters: no structure may be called so.</summary>
    internal static bool IsIgnoreName(string name) =>
        name.Equals(IgnoreName, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a file may hold a value: a label, or the mark of voxels that are not annotated.</summary>
    internal bool Allows(byte value) => value < Classes || value == Ignore;

    /// <summary>Whether both number the same tissues alike.</summary>
    public bool SameOrder(LabelSchema other) => Labels.SequenceEqual(other.Labels);
}
