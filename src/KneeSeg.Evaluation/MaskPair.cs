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

    /// <summary>The reference's voxels in space.</summary>
    public SubvoxelMask ReferenceMask => new(Reference, Size, Grid.Affine);

    /// <summary>The prediction's voxels in space.</summary>
    public SubvoxelMask PredictionMask => new(Prediction, Size, Grid.Affine);

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
        var isIn = new bool[256];
        foreach (var label in labels)
            isIn[label] = true;
        var around = box.Widened(1, reference.Grid.Size);
        var affine = reference.Grid.Affine;
        return new(
            new(
                around.Size,
                affine.WithOrigin(
                    box.IsEmpty
                        ? affine.Origin
                        : affine.Apply(around.MinX, around.MinY, around.MinZ)
                )
            ),
            Crop(reference, isIn, around),
            Crop(prediction, isIn, around)
        );
    }

    private static bool[] Crop(Volume<byte> volume, bool[] isIn, VoxelBox box)
    {
        var (size, cut) = (volume.Grid.Size, box.Size);
        var mask = new bool[cut.Count];
        Parallel.For(
            0,
            cut.Z,
            k =>
            {
                for (var j = 0; j < cut.Y; j++)
                {
                    var from = box.MinX + size.X * (box.MinY + j + size.Y * (box.MinZ + k));
                    var row = mask.AsSpan(cut.X * (j + cut.Y * k), cut.X);
                    for (var i = 0; i < row.Length; i++)
                        row[i] = isIn[volume.Voxels[from + i]];
                }
            }
        );
        return mask;
    }
}
