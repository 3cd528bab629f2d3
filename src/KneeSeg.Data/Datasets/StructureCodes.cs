using KneeSeg.Imaging;
using KneeSeg.Imaging.Formats.Dicom;

namespace KneeSeg.Data.Datasets;

/// <summary>
/// The SNOMED CT codes of knee structures, by name. Side and part are modifiers, since few structures have a code of their
/// own for each.
/// </summary>
public static class StructureCodes
{
    private static readonly CodedConcept Tissue = CodedConcept.Snomed("85756007", "Tissue");
    private static readonly CodedConcept Cartilage = CodedConcept.Snomed("309312004", "Cartilage");
    private static readonly CodedConcept Meniscus = CodedConcept.Snomed("74135004", "Meniscus");
    private static readonly CodedConcept Knee = CodedConcept.Snomed("49076000", "Knee joint");
    private static readonly CodedConcept Femur = CodedConcept.Snomed("71341001", "Femur");
    private static readonly CodedConcept Tibia = CodedConcept.Snomed("12611008", "Tibia");
    private static readonly CodedConcept Patella = CodedConcept.Snomed("64234005", "Patella");
    private static readonly CodedConcept Fibula = CodedConcept.Snomed("87342007", "Fibula");

    private static readonly CodedConcept Body = CodedConcept.Snomed(
        "91723000",
        "Anatomical Structure"
    );

    // Category, type and region.
    private static readonly Dictionary<string, (CodedConcept, CodedConcept, CodedConcept?)> Known =
        new()
        {
            ["femur"] = (Body, Femur, null),
            ["tibia"] = (Body, Tibia, null),
            ["patella"] = (Body, Patella, null),
            ["fibula"] = (Body, Fibula, null),
            ["femoral cartilage"] = (Tissue, Cartilage, Femur),
            ["tibial cartilage"] = (Tissue, Cartilage, Tibia),
            ["patellar cartilage"] = (Tissue, Cartilage, Patella),
            ["cartilage"] = (Tissue, Cartilage, Knee),
            ["meniscus"] = (Tissue, Meniscus, Knee),
        };

    private static readonly Dictionary<string, CodedConcept> Parts = new()
    {
        ["medial "] = CodedConcept.Snomed("255561001", "Medial"),
        ["lateral "] = CodedConcept.Snomed("49370004", "Lateral"),
    };

    /// <summary>Whether a structure has codes of its own.</summary>
    public static bool Has(string name) => Known.ContainsKey(Split(name).Structure);

    /// <summary>The structures of a label map as segments. One without codes of its own is coded as tissue.</summary>
    /// <param name="profile">The label map.</param>
    /// <param name="labels">The labels, of which the knee's side is known where they have medial and lateral structures.</param>
    public static IReadOnlyList<CodedSegment> Segments(LabelSchema profile, Volume<byte> labels)
    {
        var side = new LabelOrder(labels).Side(profile) switch
        {
            KneeSide.Left => CodedConcept.Snomed("7771000", "Left"),
            KneeSide.Right => CodedConcept.Snomed("24028007", "Right"),
            _ => null,
        };
        return Segments(profile, side);
    }

    /// <summary>The structures of a label map as segments of a knee whose side is not known.</summary>
    public static IReadOnlyList<CodedSegment> Segments(LabelSchema profile) =>
        Segments(profile, side: null);

    private static CodedSegment[] Segments(LabelSchema profile, CodedConcept? side) =>
        [.. profile.Labels.Index().Skip(1).Select(one => Of(one.Index, one.Item, side))];

    private static CodedSegment Of(int label, string name, CodedConcept? side)
    {
        var (part, structure) = Split(name);
        var (category, type, region) = Known.GetValueOrDefault(structure, (Tissue, Tissue, null));
        return new(label, name, LabelPalette.OnDark(label), category, type)
        {
            Region = region,
            RegionModifier = region is null ? null : part,
            Side = side,
        };
    }

    private static (CodedConcept? Part, string Structure) Split(string name)
    {
        var plain = name.Replace('_', ' ').ToLowerInvariant();
        foreach (var (word, part) in Parts)
            if (plain.StartsWith(word, StringComparison.Ordinal))
                return (part, plain[word.Length..]);
        return (null, plain);
    }
}
