namespace KneeSeg.Evaluation;

/// <summary>
/// The four structures scored by the knee segmentation challenge (Desai et al. 2021): medial and lateral parts are merged.
/// </summary>
internal static class MergedStructures
{
    private static readonly (string Name, string[] Parts)[] All =
    [
        ("femoral cartilage", ["femoral cartilage"]),
        ("tibial cartilage", ["medial tibial cartilage", "lateral tibial cartilage"]),
        ("patellar cartilage", ["patellar cartilage"]),
        ("menisci", ["medial meniscus", "lateral meniscus"]),
    ];

    /// <summary>The structures whose parts exist: number, name and labels.</summary>
    /// <param name="labels">The profile's names, the background's first.</param>
    public static IEnumerable<(int Number, string Name, int[] Labels)> Of(
        IReadOnlyList<string> labels
    ) =>
        from structure in All.Index()
        let parts = structure.Item.Parts.Select(part =>
            labels.Index().First(l => l.Item == part).Index
        )
        where structure.Item.Parts.All(labels.Contains)
        select (structure.Index + 1, structure.Item.Name, parts.ToArray());
}
