namespace KneeSeg.Data.Datasets;

/// <summary>A structure that a knee has twice: medially and laterally.</summary>
/// <param name="Name">Without the side, such as <c>tibial cartilage</c>.</param>
/// <param name="Medial">The label of the medial one.</param>
/// <param name="Lateral">The label of the lateral one.</param>
public readonly record struct SidedStructure(string Name, byte Medial, byte Lateral)
{
    private const string MedialPrefix = "medial ";
    private const string LateralPrefix = "lateral ";

    /// <summary>The structures that a label map has on both sides, in its order.</summary>
    public static IReadOnlyList<SidedStructure> In(LabelSchema schema)
    {
        string[] labels = [.. schema.Labels];
        return
        [
            .. from label in labels
            where label.StartsWith(MedialPrefix)
            let name = label[MedialPrefix.Length..]
            let lateral = Array.IndexOf(labels, LateralPrefix + name)
            where lateral > 0
            select new SidedStructure(name, (byte)Array.IndexOf(labels, label), (byte)lateral),
        ];
    }

    /// <summary>Whether a label is one of the two.</summary>
    public bool Has(byte label) => label == Medial || label == Lateral;
}
