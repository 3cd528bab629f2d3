using KneeSeg.Imaging;

namespace KneeSeg.Evaluation;

/// <summary>One label's voxels in reference and prediction, cut to the box around both and a voxel more.</summary>
internal sealed class MaskPair
{
    private MaskPair(Size3 size, Spacing3 spacing, bool[] reference, bool[] prediction)
    {
        (Size, Spacing, Reference, Prediction) = (size, spacing, reference, prediction);
        ReferenceCount = reference.Count(inside => inside);
        PredictionCount = prediction.Count(inside => inside);
    }

    public Size3 Size { get; }
    public Spacing3 Spacing { get; }
    public bool[] Reference { get; }
    public bool[] Prediction { get; }
    public long ReferenceCount { get; }
    public long PredictionCount { get; }

    public long Overlap
    {
        get
        {
            var both = 0L;
            for (var i = 0; i < Reference.Length; i++)
                both += Reference[i] & Prediction[i] ? 1 : 0;
            return both;
        }
    }

    /// <summary>Cuts out a label.</summary>
    /// <param name="reference">Labels.</param>
    /// <param name="prediction">Labels on the same grid.</param>
    /// <param name="label">Which.</param>
    /// <param name="box">Where it is in either; it may be empty.</param>
    public static MaskPair Of(
        Volume<byte> reference,
        Volume<byte> prediction,
        byte label,
        VoxelBox box
    )
    {
        var around = box.Widened(1, reference.Grid.Size);
        return new(
            around.Size,
            reference.Grid.Spacing,
            Cut(reference, label, around),
            Cut(prediction, label, around)
        );
    }

    private static bool[] Cut(Volume<byte> volume, byte label, VoxelBox box)
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
                        row[i] = volume.Voxels[from + i] == label;
                }
            }
        );
        return mask;
    }
}
