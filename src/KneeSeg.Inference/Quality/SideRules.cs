using KneeSeg.Data.Datasets;
using KneeSeg.Data.Validation;
using KneeSeg.Imaging;
using KneeSeg.Inference.LabelRules;
using static System.FormattableString;

namespace KneeSeg.Inference.Quality;

/// <summary>Flags of structures on the wrong side of the joint, also of what the anatomical rule repaired.</summary>
internal static class SideRules
{
    // A few voxels at a border are no reason to look.
    private const double LeastShare = 0.05;
    private const double SevereShare = 0.3;

    /// <summary>The flags of a prediction.</summary>
    /// <param name="labels">The labels, after post-processing.</param>
    /// <param name="changes">The changes by post-processing.</param>
    /// <param name="profile">The label map.</param>
    /// <param name="side">Which knee it is, where that is known.</param>
    public static IEnumerable<QualityFlag> Flags(
        Volume<byte> labels,
        IReadOnlyList<LabelChange> changes,
        LabelSchema profile,
        KneeSide side
    )
    {
        var structures = SidedStructure.In(profile);
        if (structures is [])
            yield break;
        var sides = SideCheck.Of(labels, profile, side);
        if (sides.Verdict == SideVerdict.ContradictsSide)
            yield return new(
                "sides-swapped",
                FlagSeverity.Severe,
                $"medial structures are labeled where the lateral ones of a {side.ToString().ToLowerInvariant()} knee are",
                "Check the knee's side in the dataset and the orientation in the image's header, else swap the labels"
            );
        if (sides.Verdict == SideVerdict.Unclear)
            yield return new(
                "sides-unclear",
                FlagSeverity.Severe,
                "both sides of the joint are labeled medial about as much as lateral",
                "Correct the labels of one side, or state the knee's side in the dataset"
            );
        foreach (var structure in sides.Connected)
            yield return new(
                "sides-connected",
                FlagSeverity.Warning,
                $"the medial and the lateral {structure.Name} are connected",
                "Look at the middle of the joint, and remove what connects them"
            );
        foreach (var structure in structures)
        {
            var voxels =
                labels.Voxels.Count(structure.Medial) + labels.Voxels.Count(structure.Lateral);
            var wrong = sides
                .Misplaced.Where(one => structure.Has(one.Label))
                .Sum(one => one.Voxels.Count);
            var repaired =
                changes
                    .Where(change => IsRelabeled(change, structure, profile))
                    .Sum(change => change.Volume) / LabelRegion.VoxelVolume(labels);
            if (wrong > LeastShare * voxels)
                yield return new(
                    "sides-swapped",
                    Severity(wrong, voxels),
                    Invariant(
                        $"{(double)wrong / voxels:P0} of the {structure.Name} has the label of the other side of the joint"
                    ),
                    "Predict with --postprocess anatomy, or correct the labels"
                );
            if (repaired > LeastShare * voxels)
                yield return new(
                    "sides-relabeled",
                    FlagSeverity.Warning,
                    Invariant(
                        $"{repaired / voxels:P0} of the {structure.Name} had the label of the other side of the joint, and was relabeled"
                    ),
                    "Check that medial and lateral are now right"
                );
        }
    }

    private static FlagSeverity Severity(double wrong, double voxels) =>
        wrong > SevereShare * voxels ? FlagSeverity.Severe : FlagSeverity.Warning;

    private static bool IsRelabeled(
        LabelChange change,
        SidedStructure structure,
        LabelSchema profile
    )
    {
        var (medial, lateral) = (
            profile.Labels[structure.Medial],
            profile.Labels[structure.Lateral]
        );
        return change.Label == medial && change.What == LabelChange.Relabeled(lateral)
            || change.Label == lateral && change.What == LabelChange.Relabeled(medial);
    }
}
