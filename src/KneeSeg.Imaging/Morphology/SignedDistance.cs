namespace KneeSeg.Imaging.Morphology;

/// <summary>Signed distances to what is labeled, between voxel centers.</summary>
public static class SignedDistance
{
    /// <summary>The largest distance that networks learn, in mm: farther voxels say nothing about a cartilage's border.</summary>
    public const float Limit = 10;

    /// <summary>
    /// In mm: outside, to the nearest voxel inside; inside, to the nearest annotated voxel outside, negative. Infinite where there
    /// is none.
    /// </summary>
    /// <param name="labels">Labels, the first axis fastest. Unannotated voxels are neither inside nor outside.</param>
    /// <param name="isInside">Whether a label is inside.</param>
    /// <param name="size">Voxels along each axis.</param>
    /// <param name="spacing">Millimeters from voxel to voxel along each axis.</param>
    public static float[] Of(
        ReadOnlySpan<byte> labels,
        Predicate<byte> isInside,
        Size3 size,
        Spacing3 spacing
    )
    {
        var (inside, outside) = (new bool[labels.Length], new bool[labels.Length]);
        for (var i = 0; i < labels.Length; i++)
            if (labels[i] != LabelValue.Ignored)
                (isInside(labels[i]) ? inside : outside)[i] = true;
        var distance = DistanceTransform.Squared(inside, size, spacing);
        var toOutside = DistanceTransform.Squared(outside, size, spacing);
        for (var i = 0; i < distance.Length; i++)
            distance[i] = inside[i] ? -MathF.Sqrt(toOutside[i]) : MathF.Sqrt(distance[i]);
        return distance;
    }
}
