namespace KneeSeg.Evaluation;

/// <summary>How many structures some cases have, and how many of them went wrong altogether.</summary>
/// <param name="Structures">In the references: labels of all cases.</param>
/// <param name="Missed">Those that the prediction lacks.</param>
/// <param name="Misplaced">Those that the prediction has elsewhere, without a voxel in common.</param>
/// <param name="Invented">Structures of predictions that the reference lacks.</param>
public sealed record StructureCounts(int Structures, int Missed, int Misplaced, int Invented)
{
    /// <summary>Counts the labels of cases.</summary>
    public static StructureCounts Of(IEnumerable<CaseMetrics> cases)
    {
        LabelMetrics[] labels = [.. cases.SelectMany(one => one.Labels)];
        return new(
            labels.Count(label => label.Dice is not null && !label.Invented),
            labels.Count(label => label.Missed),
            labels.Count(label => label.Misplaced),
            labels.Count(label => label.Invented)
        );
    }

    /// <summary>Several counts as one.</summary>
    public static StructureCounts operator +(StructureCounts a, StructureCounts b) =>
        new(
            a.Structures + b.Structures,
            a.Missed + b.Missed,
            a.Misplaced + b.Misplaced,
            a.Invented + b.Invented
        );
}
