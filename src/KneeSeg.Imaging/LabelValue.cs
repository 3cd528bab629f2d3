namespace KneeSeg.Imaging;

/// <summary>Reserved label values in memory, independent of label map and file values.</summary>
public static class LabelValue
{
    /// <summary>
    /// The ignore label: unannotated voxels, excluded from losses and metrics. Files use their own value for it, and no label
    /// map has a label of this number.
    /// </summary>
    public const byte Ignored = 255;

    /// <summary>Marks the voxels that have a file's ignore value as <see cref="Ignored"/>.</summary>
    /// <param name="labels">Labels with the file's values.</param>
    /// <param name="ignore">The file's value; null where every voxel is annotated.</param>
    public static void MarkIgnored(Span<byte> labels, byte? ignore)
    {
        if (ignore is { } value)
            labels.Replace(value, Ignored);
    }

    /// <summary>A copy with all structures as label 1; background and ignored voxels are kept.</summary>
    public static byte[] Binarized(ReadOnlySpan<byte> labels) =>
        Array.ConvertAll(labels.ToArray(), label => label is 0 or Ignored ? label : (byte)1);

    /// <summary>A copy with ignored voxels as background, for rendering and metrics.</summary>
    public static byte[] Annotated(ReadOnlySpan<byte> labels)
    {
        var annotated = labels.ToArray();
        annotated.AsSpan().Replace(Ignored, (byte)0);
        return annotated;
    }
}
