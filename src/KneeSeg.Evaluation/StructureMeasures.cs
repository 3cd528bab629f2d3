using KneeSeg.Imaging;
using KneeSeg.Imaging.Morphology;
using KneeSeg.Morphometry;

namespace KneeSeg.Evaluation;

/// <summary>Size and shape of a structure in one label volume, without a reference.</summary>
/// <param name="Volume">Its volume in mm³.</param>
/// <param name="LargestPart">The share of its largest connected part in its volume, 0 to 1; parts that share a corner are one.</param>
/// <param name="Thickness">
/// The mean thickness of a cartilage in mm along the normal of its bone interface; null for other structures.
/// </param>
public sealed record StructureMeasures(double Volume, double LargestPart, double? Thickness)
{
    /// <summary>Measures a structure.</summary>
    /// <param name="labels">The labels.</param>
    /// <param name="label">Its label.</param>
    /// <param name="name">Its name in the profile.</param>
    /// <returns>Null where it is absent.</returns>
    public static StructureMeasures? Of(Volume<byte> labels, byte label, string name)
    {
        var box = VoxelBox.Around(labels, label);
        if (box.IsEmpty)
            return null;
        var mask = SubvoxelMask.Of(labels, [label], box.Widened(1, labels.Grid.Size));
        var parts = Components.Of(mask.Voxels, mask.Size, corners: true).Sizes;
        var (voxels, spacing) = (parts.Sum(), labels.Grid.Spacing);
        return new(
            voxels * spacing.X * spacing.Y * spacing.Z,
            (double)parts.Max() / voxels,
            Plate.Of(name, mask) is { } plate ? Plate.MeanThickness(plate.Cells) : null
        );
    }
}
