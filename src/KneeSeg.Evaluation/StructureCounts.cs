namespace KneeSeg.Evaluation;

/// <summary>Counts of structures and of detection errors over cases.</summary>
/// <param name="Structures">Structures in the references.</param>
/// <param name="Missed">Those absent from the prediction.</param>
/// <param name="Misplaced">Those predicted elsewhere, without a common voxel.</param>
/// <param name="Invented">Spurious structures: predicted but not in the reference.</param>
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

    /// <summary>The sum of counts.</summary>
    public static StructureCounts operator +(StructureCounts a, StructureCounts b) =>
        new(
            a.Structures + b.Structures,
            a.Missed + b.Missed,
            a.Misplaced + b.Misplaced,
            a.Invented + b.Invented
        );
}
