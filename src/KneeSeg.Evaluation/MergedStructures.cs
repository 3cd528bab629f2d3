namespace KneeSeg.Evaluation;

/// <summary>
/// The four tissues that the knee segmentation challenge scores (Desai et al. 2021): medial and lateral parts count as
/// one.
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

    /// <summary>Those whose parts a profile has: the number among the four, the name, and the labels that it is of.</summary>
    /// <param name="labels">The profile's names, the background's first.</param>
    public static IEnumerable<(int Number, string Name, int[] Labels)> Of(
        IReadOnlyList<string> labels
    ) =>
        from tissue in All.Index()
        let parts = tissue.Item.Parts.Select(part =>
            labels.Index().First(l => l.Item == part).Index
        )
        where tissue.Item.Parts.All(labels.Contains)
        select (tissue.Index + 1, tissue.Item.Name, parts.ToArray());
}
