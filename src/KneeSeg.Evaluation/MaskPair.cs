using KneeSeg.Imaging;
using KneeSeg.Imaging.Morphology;
using KneeSeg.Morphometry;

namespace KneeSeg.Evaluation;

/// <summary>A structure's masks in reference and prediction, cropped to their common bounding box and one voxel around it.</summary>
internal sealed class MaskPair
{
    private MaskPair(Grid grid, bool[] reference, bool[] prediction) =>
        (Grid, Reference, Prediction) = (grid, reference, prediction);

    public Grid Grid { get; }
    public Size3 Size => Grid.Size;
    public Spacing3 Spacing => Grid.Spacing;
    public bool[] Reference { get; }
    public bool[] Prediction { get; }

    /// <summary>Crops a structure.</summary>
    /// <param name="reference">Labels.</param>
    /// <param name="prediction">Labels on the same grid.</param>
    /// <param name="labels">The structure's labels.</param>
    /// <param name="box">Their common bounding box; may be empty.</param>
    public static MaskPair Of(
        Volume<byte> reference,
        Volume<byte> prediction,
        int[] labels,
        VoxelBox box
    )
    {
        var around = box.Widened(1, reference.Grid.Size);
        var known = SubvoxelMask.Of(reference, labels, around);
        return new(
            new(known.Size, known.Affine),
            known.Voxels,
            SubvoxelMask.Of(prediction, labels, around).Voxels
        );
    }
}
