using KneeSeg.Data.Datasets;
using KneeSeg.Imaging;

namespace KneeSeg.Inference.LabelRules;

/// <summary>
/// Each structure on its side of the joint: a connected part of a structure that is both medial and lateral gets the label of
/// the side where it lies, if it is clear which side is the medial one. Labels that agree with their sides stay as they are.
/// </summary>
internal static class AnatomyRule
{
    /// <summary>Relabels what is on the wrong side, in place.</summary>
    /// <returns>The changes; none where the sides are not clear.</returns>
    public static IReadOnlyList<LabelChange> Apply(
        Volume<byte> volume,
        LabelSchema profile,
        KneeSide side
    )
    {
        var sides = SideCheck.Of(volume, profile, side);
        if (sides.Verdict != SideVerdict.Clear)
            return [];
        foreach (var part in sides.Misplaced)
        foreach (var voxel in part.Voxels)
            volume.Voxels[voxel] = part.Expected;
        return
        [
            .. sides.Misplaced.Select(part => new LabelChange(
                profile.Labels[part.Expected],
                LabelChange.Relabeled(profile.Labels[part.Label]),
                part.Voxels.Count * LabelRegion.VoxelVolume(volume)
            )),
        ];
    }
}
