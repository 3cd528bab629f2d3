using KneeSeg.Imaging;

namespace KneeSeg.Data.Datasets;

/// <summary>
/// A label map. Knee datasets number the same structures differently and volumes do not store the order, so the map's name
/// is kept with data, checkpoints and predictions.
/// </summary>
/// <param name="Name">Such as <c>iwoai</c>.</param>
/// <param name="Labels">The structures by label value; value 0 is the background.</param>
public sealed record LabelSchema(string Name, IReadOnlyList<string> Labels)
{
    /// <summary>The largest number of labels: the last byte value marks ignored voxels.</summary>
    internal const int MostClasses = LabelValue.Ignored;

    /// <summary>nnU-Net's reserved name of the ignore label.</summary>
    internal const string IgnoreName = "ignore";

    /// <summary>The predefined label maps.</summary>
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

    /// <summary>All structures merged into one foreground label, for networks with a single output channel.</summary>
    public static LabelSchema Binary { get; } = new("one-tissue", ["background", "tissue"]);

    /// <summary>
    /// The ignore label: the files' value of unannotated voxels, which becomes <see cref="LabelValue.Ignored"/> in memory.
    /// Null if every voxel is annotated.
    /// </summary>
    public byte? Ignore { get; init; }

    /// <summary>
    /// Unions of structures. Where a source has a label of a region's name, its voxels may be any of the region's structures.
    /// </summary>
    public IReadOnlyList<NamedRegion> Regions { get; init; } = [];

    /// <summary>How many labels there are, background included; at most <see cref="MostClasses"/>.</summary>
    public int Classes => Labels.Count;

    /// <summary>The profile of a name, or null.</summary>
    public static LabelSchema? Find(string name) =>
        Known.FirstOrDefault(profile => profile.Name == name);

    /// <summary>The profile of a name.</summary>
    /// <exception cref="ProblemException">There is none (exit 2).</exception>
    public static LabelSchema Named(string name) =>
        Find(name)
        ?? throw new ProblemException(
            ExitCode.Usage,
            $"--profile {name}",
            "there is no such label map",
            $"Use {string.Join(", ", Known.Select(known => known.Name))}, or pass a dataset"
        );

    /// <summary>A name without differences of spelling: in lower case, and with spaces.</summary>
    public static string Plain(string name) =>
        name.Trim().Replace('_', ' ').Replace('-', ' ').ToLowerInvariant();

    /// <summary>Whether a name is nnU-Net's reserved one, ignoring case: no structure may have it.</summary>
    internal static bool IsIgnoreName(string name) =>
        name.Equals(IgnoreName, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a value is allowed in a file: a label or the ignore label.</summary>
    internal bool Allows(byte value) => value < Classes || value == Ignore;

    /// <summary>Whether some structure is in both, by its name.</summary>
    public bool Shares(LabelSchema other) =>
        Labels.Skip(1).Select(Plain).Intersect(other.Labels.Skip(1).Select(Plain)).Any();

    /// <summary>Whether both have the same labels in the same order.</summary>
    public bool SameOrder(LabelSchema other) => Labels.SequenceEqual(other.Labels);
}
